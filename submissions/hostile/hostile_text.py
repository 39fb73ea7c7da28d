"""Puts escape sequences, workflow commands, bidirectional overrides, markup and half characters into every text that is shown.

Stopped from level: limits.
"""
BAD = (
    "::error::\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\u2066\u200f\r\n::set-output name=score::100\n"
    "<script>alert(1)</script> =cmd|'/c calc'!A1 @SUM(1) ![x](x) \ud800\udfff \u2028\x00 100/100"
)
print(BAD)
named = type(BAD.replace("\x00", "").replace("\ud800\udfff", ""), (Exception,), {"__module__": "__main__"})


# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    raise named(BAD * 50)

"""What the student's code prints and displays: sent as it comes, cut at a cap a cell."""

import io


class Output:
    """Counts the text of one cell and drops what is beyond the cap."""

    def __init__(self, send, cap):
        self._send = send
        self._cap = cap
        self._left = cap
        self._pending = []
        self._pending_size = 0

    def begin(self):
        """A new cell: the cap starts anew."""
        self._left = self._cap
        self._pending, self._pending_size = [], 0

    def write(self, name, text):
        """Queue text of the stream `name`; what is beyond the cap is forgotten at once."""
        if self._left <= 0:
            return
        text = text[: self._left]
        self._left -= len(text)
        self._pending.append((name, text))
        self._pending_size += len(text)
        if self._left <= 0:
            self._pending.append(("stderr", "\n[output cut]\n"))
        if self._pending_size > 8192:
            self.flush()

    def flush(self):
        """Send what is queued, neighbouring pieces of one stream as one."""
        pending, self._pending, self._pending_size = self._pending, [], 0
        merged = []
        for name, text in pending:
            if merged and merged[-1][0] == name:
                merged[-1][1].append(text)
            else:
                merged.append((name, [text]))
        for name, parts in merged:
            self._send({"op": "stream", "name": name, "text": "".join(parts)})


class Stream(io.TextIOBase):
    """A sys.stdout or sys.stderr that writes into an `Output`."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, output, name):
        super().__init__()
        self._output = output
        self.name = "<%s>" % name
        self._stream = name

    def write(self, text):
        """Text stream protocol."""
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not %s" % type(text).__name__)
        self._output.write(self._stream, text)
        return len(text)

    def writable(self):
        """Text stream protocol."""
        return True

    def isatty(self):
        """Progress bars must not think that this is a terminal."""
        return False

    def flush(self):
        """Sent when the cell ends or enough has come together."""

# item: conv2d_out_size
def out_shape(IH=8, IW=8, FH=3, FW=3, PH=0, PW=0, SH=1, SW=1):
    rows = (IH + 2 * PH - FH) / SH + 1  #! forward: rows = (IH + 2 * PH - FW) / SH + 1
    columns = (IW + 2 * PW - FW) / SW + 1
    return int(rows), int(columns)

import reference

for size, channels, filters, stride in ((144, 3, 6, 1), (60, 24, 48, 1), (20, 10, 20, 2)):
    h, w = reference.conv2d_output_size((size, size), 3, stride)
    n = reference.conv_parameter_count(channels, filters, 3 * 3)
    print(f"出力サイズは {h}×{w}×{filters}、パラメータ数は {n:,} です")

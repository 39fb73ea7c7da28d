import reference

LAYERS = [((144, 144), 3, 6, 3, 1), ((60, 60), 24, 48, 3, 1), ((20, 20), 10, 20, 3, 2)]
for size, channels, filters, f, stride in LAYERS:
    height, width = reference.conv2d_output_size(size, f, stride)
    print(f"({height}, {width}, {filters})")
    print(reference.conv_parameter_count(channels, filters, (f, f)))

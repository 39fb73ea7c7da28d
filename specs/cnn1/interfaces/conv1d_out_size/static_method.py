import reference


class Sizes:
    @staticmethod
    def n_out(n_in, pad, f_size, stride):
        return float(reference.conv_output_size(n_in, f_size, stride, pad))

# item: conv1d_out_size
def calculate_feature_length(*, length, kernel_size, stride=1, padding=0):
    """出力サイズを返す"""
    total = length + padding * 2 - kernel_size  #! forward: total = length + padding - kernel_size
    return total // stride + 1

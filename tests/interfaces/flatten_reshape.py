# item: flatten
class Flatten:
    def __call__(self, *inputs):
        (x,) = inputs
        self.input_shape = x.shape
        return x.reshape(len(x), -1)

    def grad(self, dout):
        return dout.reshape(self.input_shape)  #! dX: return dout

import reference


def attend(Q, K, V, M):
    Q, K, V = Q.reshape(1, *Q.shape), K.reshape(1, *K.shape), V.reshape(1, *V.shape)
    return reference.attend(Q, K, V, M.reshape(Q.shape[1], V.shape[1]))[0]

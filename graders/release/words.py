"""What hand-outs say in both languages: headings, roles of parameters, what is to be done."""

from __future__ import annotations

from graders.specs import Text

ROLE_WORDS = {
    "filter_size": Text("length of the filter", "フィルタの長さ"),
    "filter_height": Text("height of the filter", "フィルタの高さ"),
    "filter_width": Text("width of the filter", "フィルタの幅"),
    "pool_size": Text("side of the pooling window", "プーリングの窓の一辺"),
    "pool_height": Text("height of the pooling window", "プーリングの窓の高さ"),
    "pool_width": Text("width of the pooling window", "プーリングの窓の幅"),
    "stride": Text("stride", "ストライド"),
    "stride_height": Text("stride in height", "縦方向のストライド"),
    "stride_width": Text("stride in width", "横方向のストライド"),
    "padding": Text("zeros added at each end", "両端に加えるゼロの数"),
    "padding_height": Text("zeros added above and below", "上下に加えるゼロの数"),
    "padding_width": Text("zeros added left and right", "左右に加えるゼロの数"),
    "dilation": Text("step between the taps of the filter", "フィルタの重みの間隔"),
    "dilation_height": Text("step between the taps in height", "縦方向の重みの間隔"),
    "dilation_width": Text("step between the taps in width", "横方向の重みの間隔"),
    "vocabulary_size": Text("number of words", "語彙数"),
    "sequence_length": Text("number of steps", "系列の長さ"),
    "query": Text("queries", "クエリ"),
    "key": Text("keys", "キー"),
    "value": Text("values", "値"),
    "mask": Text("which keys a query sees", "クエリから見えるキー"),
    "heads": Text("number of heads", "ヘッド数"),
    "head_size": Text("length of a head's part", "ヘッドの次元"),
    "embedding_size": Text("length of an embedding", "埋め込みベクトルの次元"),
    "in_channels": Text("number of input channels", "入力チャンネル数"),
    "out_channels": Text("number of output channels", "出力チャンネル数"),
    "in_nodes": Text("number of nodes before the layer", "前の層のノード数"),
    "out_nodes": Text("number of nodes after the layer", "後の層のノード数"),
    "input_size": Text("size of the input", "入力のサイズ"),
    "input_height": Text("height of the input", "入力の高さ"),
    "input_width": Text("width of the input", "入力の幅"),
    "output_size": Text("size of the output", "出力のサイズ"),
    "batch_size": Text("number of samples in a batch", "バッチのサンプル数"),
    "n_kernels": Text("number of kernels", "カーネルの数"),
    "n_classes": Text("number of classes", "クラスの数"),
    "hidden_size": Text("number of hidden values", "中間層の値の数"),
    "epochs": Text("how often all the data is gone through", "全データを学習する回数"),
    "lr": Text("learning rate", "学習率"),
    "sigma": Text("standard deviation", "標準偏差"),
    "activation": Text("activation", "活性化関数"),
    "weight": Text("weights", "重み"),
    "bias": Text("bias", "バイアス"),
    "input": Text("input", "入力"),
    "upstream": Text("gradient that comes in", "後の層から流れてくる勾配"),
    "output": Text("output of the layer", "層の出力"),
    "labels": Text("right answers", "正解"),
    "kernels": Text("kernels", "カーネル"),
    "dense_weights": Text("weights of the dense layer", "全結合層の重み"),
    "initializer": Text(
        "makes the first weights: W(...) and B(...) take sizes and give an array",
        "重みの初期値を作る。W(...) と B(...) はサイズを受け取り、配列を返す",
    ),
    "optimizer": Text(
        "moves the weights: update(layer), called in backward when the gradients are there",
        "重みを更新する。勾配を求めた後に backward の中で update(layer) を呼ぶ",
    ),
}
SCORES = Text("scores, (N, K)", "スコア, (N, K)")
PROBABILITIES = Text("probabilities, (N, K)", "確率, (N, K)")
ONE_HOT = Text("right answers as one-hot rows, (N, K)", "正解（one-hotの行）, (N, K)")
SAMPLES = Text("samples, (n, ...)", "サンプル, (n, ...)")
CLASSES = Text("right answers, (n, ...)", "正解, (n, ...)")
SEED = Text("of the random order", "ランダムな順序のシード")
LAYER = Text(
    "has weights W and B, and their gradients dW and dB", "重み W、B と、その勾配 dW、dB を持つ層"
)
METHOD_WORDS = {
    "forward": Text("The output of the layer.", "層の出力を返す。"),
    "backward": Text("The gradient of the input.", "入力の勾配を返す。"),
    "update": Text(
        "One step: the weights move by their gradients.", "重みを勾配に従って1回更新する。"
    ),
    "W": Text("The first weights.", "重みの初期値を返す。"),
    "B": Text("The first biases.", "バイアスの初期値を返す。"),
    "fit": Text("Learn from samples and their right answers.", "サンプルと正解から学習する。"),
    "predict": Text("The class of each sample.", "各サンプルの推定クラスを返す。"),
    "__iter__": Text(
        "Begin to give the batches (X, y), one after the other.",
        "ミニバッチ (X, y) を順に返し始める。",
    ),
    "__len__": Text("How many batches there are.", "ミニバッチの数を返す。"),
}

ENDS = Text(".", "。")
PROBLEM = Text("Problem {number}: {title}", "【問題{number}】{title}")
OPTIONAL = Text(" (optional)", "（アドバンス課題）")
SIGNATURE = Text("It is called as", "呼び出し方：")
EXTENDED = Text(
    "Extend the class {name} that you have; there is no new one to write.",
    "すでに書いた {name} クラスを拡張します。新しいクラスを書く必要はありません。",
)
EXTEND_HERE = Text(
    "Extend your {name} where it stands, then try it here", "{name} を元の場所で拡張し、ここで試す"
)
KEPT = Text("Afterwards {names} are there as attributes.", "呼び出し後、{names} が属性として残る。")
GIVES = Text("Returns", "戻り値")
EXAMPLE = Text("An example: what goes in ...", "例：入力 ...")
COMES_OUT = Text("... and what comes out", "... と、その結果")
COMES_IN = Text("the gradient that comes in", "後の層から流れてくる勾配")
TRY_HERE = Text("Try it here", "ここで試す")
ANSWER_HERE = Text("Put your answers in the place of the dots", "... の部分に答えを書く")
WRITE_HERE = Text("*Write here.*", "*ここに書く。*")
BY_A_PERSON = Text("This is read by a person.", "この問題は人が読んで採点します。")
NO_SOLUTION = Text(
    "A person reads what is written here; there is no solution in code.",
    "人が読んで採点する問題なので、コードによる解答例はありません。",
)
HOW = Text(
    "Write your code in the cells below their headings, and leave the headings as they are. The cell\n"
    "`%check NAME` after each problem checks what you have written so far; run it as often as you like.",
    "各見出しの下のセルにコードを書いてください。見出しはそのまま残してください。各問題の後にある\n"
    "`%check NAME` のセルは、そこまでに書いた内容を確認します。何度実行しても構いません。",
)
OLDER = Text(
    "Classes that you wrote in an earlier sprint (dense layer, activations, softmax, initialiser, optimiser)\n"
    "can be copied into this notebook.",
    "以前の Sprint で書いたクラス（全結合層、活性化関数、ソフトマックス、初期化、最適化）は、\n"
    "このノートブックにコピーして使えます。",
)
DIGITS = Text("5,000 digits, shuffled", "数字画像5,000枚（シャッフル済み）")
SOLUTION = Text("Solution", "解答例")
SOLUTION_HOW = Text(
    "Not for students. Every answer is wrapped around the reference of the grader, whose text is in the\n"
    "next cell: the notebook runs by itself, from top to bottom.",
    "受講生には配布しないでください。各解答は採点プログラムの参照実装を呼び出します。参照実装の本文は\n"
    "次のセルにあり、このノートブックは単独で上から下まで実行できます。",
)
INSTRUCTOR = Text("For instructors", "講師用")
INSTRUCTOR_HOW = Text(
    "Not for students: what is asked, what is checked and for how many points, and which mistakes are\n"
    "known by name.",
    "受講生には配布しないでください。出題内容、確認項目と配点、名前の付いた間違いをまとめています。",
)
TOTAL = Text(
    "{points} points in all, {required} of them required.", "合計{points}点、うち必須{required}点。"
)
CHECKED = Text("What is checked", "確認項目と配点")
MISTAKES = Text("Known mistakes", "よくある間違い")
NOTHING_CHECKED = Text(
    "Nothing is checked; a person reads it.", "自動では確認しません。人が読みます。"
)

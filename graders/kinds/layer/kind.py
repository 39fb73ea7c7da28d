"""The kind as the grader takes it up."""

from graders.kinds.building import Kind, built_in
from graders.kinds.layer.interfaces import layer_sources
from graders.kinds.layer.judge import LayerJudge

KIND: Kind = built_in("layer", LayerJudge, layer_sources)

"""Checks ONNX files with full shape inference: check.py CLASSES BATCH FILE...

BATCH is the first dimension of input and output: a number, or the name of a free dimension.
"""

import json
import sys

import numpy
import onnx
from onnx import numpy_helper

classes, batch = int(sys.argv[1]), sys.argv[2]
for path in sys.argv[3:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    known = {value.name for value in inferred.graph.value_info}
    for node in model.graph.node[:-1]:
        assert node.output[0] in known, f"{path}: no shape inferred for {node.output[0]}"
    for value in inferred.graph.input[0], inferred.graph.output[0], *inferred.graph.value_info:
        first = value.type.tensor_type.shape.dim[0]
        assert batch == (first.dim_param or str(first.dim_value)), f"{path}: {value.name}: batch {first}"
    dims = inferred.graph.output[0].type.tensor_type.shape.dim
    assert dims[1].dim_value == classes, f"{path}: output {dims}"

    metadata = {pair.key: pair.value for pair in model.metadata_props}
    assert model.producer_name == "wgpucnn", f"{path}: producer {model.producer_name}"
    assert len(json.loads(metadata["classes"])) == classes, f"{path}: {metadata}"
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for key, value in json.loads(metadata["normalization"]).items():
        assert (constants[f"normalize1.{key}"] == numpy.float32(value)).all(), f"{path}: {key} {value}"

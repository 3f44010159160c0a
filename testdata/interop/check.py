"""Checks ONNX files with full shape inference: check.py CLASSES FILE..."""

import sys

import onnx

classes = int(sys.argv[1])
for path in sys.argv[2:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    known = {value.name for value in inferred.graph.value_info}
    for node in model.graph.node[:-1]:
        assert node.output[0] in known, f"{path}: no shape inferred for {node.output[0]}"
    dims = inferred.graph.output[0].type.tensor_type.shape.dim
    assert dims[0].dim_param == "batch_size" and dims[1].dim_value == classes, f"{path}: output {dims}"

// Prints for each model whether ONNX Runtime loads it.
//
//   node opsets.mjs MODEL.onnx...
import { InferenceSession } from "onnxruntime-node";

for (const path of process.argv.slice(2)) {
  const loaded = await InferenceSession.create(path).then(() => true, () => false);
  console.log(path, loaded);
}

// Runs a model in ONNX Runtime.
//
//   node logits.mjs MODEL.onnx H W C [INPUT.f32 OUTPUT.f32]...
//
// Each input holds images (N, H, W, C), each output gets logits (N, classes), both as little-endian floats.
import { readFileSync, writeFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";

const [model, height, width, channels, ...files] = process.argv.slice(2);
const session = await InferenceSession.create(model);
for (let i = 0; i < files.length; i += 2) {
  const bytes = readFileSync(files[i]);
  const images = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const shape = [height, width, channels].map(Number);
  const size = shape[0] * shape[1] * shape[2];
  const { output } = await session.run({ input: new Tensor("float32", images, [images.length / size, ...shape]) });
  writeFileSync(files[i + 1], new Uint8Array(output.data.buffer, output.data.byteOffset, output.data.byteLength));
}

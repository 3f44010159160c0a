// The lab's base model in TensorFlow.js, and the time of its training step on one batch of
// 128 that stays on the device. Images, labels and initial weights are those of
// testdata/gen/training.py, so that equal first losses show that the networks are equal.
const BATCH = 128, CLASSES = 3, SIZE = 32, HIDDEN = 32, COUNT = 220;
const MEAN = [0.5074, 0.4867, 0.4411], STD = [0.2011, 0.1987, 0.2025];

function lowbias32(x) {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

const label = (row) => lowbias32((1 << 30) + row) % CLASSES;

function pixel(row, i) {
  const c = i % 3, x = Math.floor(i / 3) % SIZE, y = Math.floor(i / 3 / SIZE);
  const place = ((y % 4) * 4 + (x % 4)) * 3 + c;
  const noise = lowbias32((1 << 31) + (row << 12) + i) >>> 25;
  return noise + (lowbias32((1 << 29) + (label(row) << 6) + place) >>> 25);
}

// parameter returns the initial values of the parameter with this number in PyTorch. at(i) is
// the index in TensorFlow.js of its i-th value.
function parameter(tf, number, count, fanIn, shape, at = (i) => i) {
  const values = new Float32Array(count), bound = 1 / Math.sqrt(fanIn);
  for (let i = 0; i < count; i++) {
    values[at(i)] = (2 * ((lowbias32((number << 20) + i) >>> 8) / (1 << 24)) - 1) * bound;
  }
  return tf.variable(tf.tensor(values, shape));
}

// PyTorch has (out, in, height, width), TensorFlow.js (height, width, in, out).
const filter = (tf, number, size, inC, outC) =>
  parameter(tf, number, outC * inC * size * size, inC * size * size, [size, size, inC, outC], (i) => {
    const place = i % (size * size), c = Math.floor(i / (size * size)) % inC, o = Math.floor(i / (size * size * inC));
    return (place * inC + c) * outC + o;
  });

function network(tf) {
  const features = 8 * HIDDEN, side = 4; // side: the number of values in a pooled map
  const w1 = filter(tf, 0, 5, 3, HIDDEN), b1 = parameter(tf, 1, HIDDEN, 75, [HIDDEN]);
  const w2 = filter(tf, 2, 3, HIDDEN, 2 * HIDDEN), b2 = parameter(tf, 3, 2 * HIDDEN, 9 * HIDDEN, [2 * HIDDEN]);
  const w3 = parameter(tf, 4, CLASSES * features, features, [features, CLASSES], (i) => {
    const f = i % features;
    return ((f % side) * 2 * HIDDEN + Math.floor(f / side)) * CLASSES + Math.floor(i / features);
  });
  const b3 = parameter(tf, 5, CLASSES, features, [CLASSES]);
  const mean = tf.tensor1d(MEAN), std = tf.tensor1d(STD);
  const logits = (x) => {
    x = x.div(255).sub(mean).div(std);
    x = tf.fused.conv2d({ x, filter: w1, strides: 4, pad: 2, bias: b1, activation: "relu" });
    x = tf.fused.conv2d({ x, filter: w2, strides: 1, pad: 1, bias: b2, activation: "relu" });
    return x.avgPool(4, 4, "valid").reshape([-1, features]).matMul(w3).add(b3);
  };
  return { logits, last: b3 };
}

// measure runs warm steps, then rounds of steps, and waits for the device after each round. tf
// is TensorFlow.js with the WebGPU backend registered.
export async function measure(tf, { rounds, steps, warm }) {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("no WebGPU adapter");
  const { vendor, description, driver } = adapter.info;
  const name = [description || vendor, driver].filter(Boolean).join(", ");
  if (!(await tf.setBackend("webgpu"))) throw new Error("TensorFlow.js refuses its WebGPU backend");
  await tf.ready();

  const rows = Array.from({ length: BATCH }, (_, i) => (7 * i) % COUNT);
  const bytes = rows.flatMap((row) => Array.from({ length: SIZE * SIZE * 3 }, (_, i) => pixel(row, i)));
  const x = tf.tensor(Float32Array.from(bytes), [BATCH, SIZE, SIZE, 3]);
  const y = tf.oneHot(tf.tensor1d(rows.map(label), "int32"), CLASSES).toFloat();
  const net = network(tf);
  const optimizer = tf.train.momentum(5e-3, 0.9);
  const step = () => optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, net.logits(x)), true);
  // Reading a weight that the last step wrote waits for the end of the round.
  const round = async (steps) => {
    const start = performance.now();
    let loss;
    for (let i = 0; i < steps; i++) {
      loss?.dispose();
      loss = step();
    }
    await net.last.data();
    return [(performance.now() - start) / steps, (await loss.data())[0]];
  };

  const [first_ms, first_loss] = await round(1);
  if (warm > 0) await round(warm);
  const ms = [];
  let last_loss;
  for (let i = 0; i < rounds; i++) {
    const [time, loss] = await round(steps);
    ms.push(time);
    last_loss = loss;
  }
  return { adapter: name, first_ms, first_loss, last_loss, ms };
}

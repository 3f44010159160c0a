// What several files share. It is written ahead of each of them.

// shut tells whether a ReLU is shut: value <= 0. It asks the bits, since compilers may
// turn comparisons of floats around as if there were no NaN, for which it is open.
fn shut(value: f32) -> bool {
  return (bitcast<i32>(value) <= 0) & (bitcast<u32>(value) <= 0xff800000u);
}

fn is_nan(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; // value != value may be optimised away
}

// span returns the first pixel of a pool's window i along an axis, and one past its last:
// windows of `kernel` every `stride`, or with a kernel of 0, of an adaptive pool,
// from floor(i*size/out) to ceil((i+1)*size/out).
fn span(i: u32, size: u32, out: u32, kernel: u32, stride: u32) -> vec2<u32> {
  if kernel == 0u {
    return vec2<u32>(i * size / out, ((i + 1u) * size + out - 1u) / out);
  }
  return vec2<u32>(i * stride, i * stride + kernel);
}

// holders returns the first of those windows that holds pixel p along an axis, and one
// past the last.
fn holders(p: u32, size: u32, out: u32, kernel: u32, stride: u32) -> vec2<u32> {
  if kernel == 0u {
    return vec2<u32>(p * out / size, ((p + 1u) * out + size - 1u) / size);
  }
  return vec2<u32>(select(0u, (p - kernel) / stride + 1u, p >= kernel), min(p / stride + 1u, out));
}

// rows returns how many rows a step's batch has, of an epoch's `count` rows in `steps`
// batches: the last may lack some.
fn rows(step: u32, batch: u32, count: u32, steps: u32) -> u32 {
  return min(batch, count - step % steps * batch);
}

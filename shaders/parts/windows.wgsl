// windows: the windows of a pool along one axis. An axis of `size` pixels has `out` windows of
// `kernel` pixels, every `stride` pixels. If `kernel` is 0 the pool is adaptive: window i
// reaches from floor(i * size / out) to ceil((i + 1) * size / out).

// span returns the first pixel of window i, and how many it has.
fn span(i: u32, size: u32, out: u32, kernel: u32, stride: u32) -> vec2<u32> {
  if kernel == 0u {
    let first = i * size / out;
    return vec2<u32>(first, ((i + 1u) * size + out - 1u) / out - first);
  }
  return vec2<u32>(i * stride, kernel);
}

// holders returns the first window that holds pixel p, and one past the last.
fn holders(p: u32, size: u32, out: u32, kernel: u32, stride: u32) -> vec2<u32> {
  if kernel == 0u {
    return vec2<u32>(p * out / size, ((p + 1u) * out + size - 1u) / size);
  }
  return vec2<u32>(select(0u, (p - kernel) / stride + 1u, p >= kernel), min(p / stride + 1u, out));
}

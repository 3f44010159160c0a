// pool2d: average and maximum over windows of a map, and their gradients. NCHW, f32.
//
//   binding  name   shape            avg_forward  avg_backward  max_forward  max_backward
//   0        x      (N, C, H, W)     read         read (MASK)   read         read (MASK)
//   1        y      (N, C, OH, OW)   write        -             write        -
//   2        index  (N, C, OH, OW)   -            -             write        read
//   3        dy     (N, C, OH, OW)   -            read          -            read
//   4        dx     (N, C, H, W)     -            write         -            write
//
// Constants from the host: MAPS (N*C) H W OH OW; windows of KERNEL every STRIDE,
// or where ADAPTIVE from floor(i*H/OH) to ceil((i+1)*H/OH); MASK zeroes dx where
// x is not above 0, for an x that was rectified; WORKGROUP.
//
// `index` is the place of the maximum within its map of H*W. The first maximum
// wins; NaN wins over every number, the last NaN over those before.
// Forward, an invocation computes one output; backward, it gathers one input's
// gradient from all the windows that hold it.

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> index: array<u32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

// span returns the first pixel of window i along an axis, and one past its last.
fn span(i: u32, size: u32, out: u32) -> vec2<u32> {
  if ADAPTIVE {
    return vec2<u32>(i * size / out, ((i + 1u) * size + out - 1u) / out);
  }
  return vec2<u32>(i * STRIDE, i * STRIDE + KERNEL);
}

// holders returns the first window that holds pixel p along an axis, and one
// past the last.
fn holders(p: u32, size: u32, out: u32) -> vec2<u32> {
  if ADAPTIVE {
    return vec2<u32>(p * out / size, ((p + 1u) * out + size - 1u) / size);
  }
  return vec2<u32>(select(0u, (p - KERNEL) / STRIDE + 1u, p >= KERNEL), min(p / STRIDE + 1u, out));
}

fn is_nan(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u; // value != value may be optimised away
}

// shut tells whether a ReLU is shut: value <= 0. It asks the bits, since compilers may
// turn comparisons of floats around as if there were no NaN, for which it is open.
fn shut(value: f32) -> bool {
  return bitcast<i32>(value) <= 0 && bitcast<u32>(value) <= 0xff800000u;
}

@compute @workgroup_size(WORKGROUP)
fn avg_forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
               @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i >= MAPS * OH * OW {
    return;
  }
  let rows = span(i / OW % OH, H, OH);
  let cols = span(i % OW, W, OW);
  let map = i / (OH * OW) * (H * W);
  var sum = 0.0;
  for (var row = rows.x; row < rows.y; row++) {
    for (var col = cols.x; col < cols.y; col++) {
      sum += x[map + row * W + col];
    }
  }
  y[i] = sum / f32((rows.y - rows.x) * (cols.y - cols.x));
}

@compute @workgroup_size(WORKGROUP)
fn avg_backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i >= MAPS * H * W {
    return;
  }
  let rows = holders(i / W % H, H, OH);
  let cols = holders(i % W, W, OW);
  let map = i / (H * W) * (OH * OW);
  var sum = 0.0;
  for (var row = rows.x; row < rows.y; row++) {
    let height = span(row, H, OH);
    for (var col = cols.x; col < cols.y; col++) {
      let width = span(col, W, OW);
      sum += dy[map + row * OW + col] / f32((height.y - height.x) * (width.y - width.x));
    }
  }
  if MASK {
    sum = select(sum, 0.0, shut(x[i]));
  }
  dx[i] = sum;
}

@compute @workgroup_size(WORKGROUP)
fn max_forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
               @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i >= MAPS * OH * OW {
    return;
  }
  let rows = span(i / OW % OH, H, OH);
  let cols = span(i % OW, W, OW);
  let map = i / (OH * OW) * (H * W);
  var at = rows.x * W + cols.x;
  var best = x[map + at];
  for (var row = rows.x; row < rows.y; row++) {
    for (var col = cols.x; col < cols.y; col++) {
      let value = x[map + row * W + col];
      if value > best || is_nan(value) {
        best = value;
        at = row * W + col;
      }
    }
  }
  y[i] = best;
  index[i] = at;
}

@compute @workgroup_size(WORKGROUP)
fn max_backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i >= MAPS * H * W {
    return;
  }
  let rows = holders(i / W % H, H, OH);
  let cols = holders(i % W, W, OW);
  let map = i / (H * W) * (OH * OW);
  var sum = 0.0;
  for (var row = rows.x; row < rows.y; row++) {
    for (var col = cols.x; col < cols.y; col++) {
      let window = map + row * OW + col;
      sum += select(0.0, dy[window], index[window] == i % (H * W));
    }
  }
  if MASK {
    sum = select(sum, 0.0, shut(x[i]));
  }
  dx[i] = sum;
}

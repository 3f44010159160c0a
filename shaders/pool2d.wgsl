// pool2d: average and maximum over windows of a map, and their gradients. NCHW, f32.
//
//   binding  name   shape            avg_forward  avg_backward  max_forward  max_backward
//   0        x      (N, C, H, W)     read         read (MASK)   read         read (MASK)
//   1        y      (N, C, OH, OW)   write        -             write        -
//   2        index  (N, C, OH, OW)   -            -             write        read
//   3        dy     (N, C, OH, OW)   -            read          -            read
//   4        dx     (N, C, H, W)     -            write         -            write
//
// Constants from the host: MAPS (N*C) H W OH OW; windows of KERNEL every STRIDE, or
// those of an adaptive pool where KERNEL is 0; MASK zeroes dx where x is not above 0,
// for an x that was rectified; WORKGROUP.
//
// `index` is the place of the maximum within its map of H*W. The first maximum
// wins; NaN wins over every number, the last NaN over those before.
// Forward, an invocation computes one output; backward, it gathers one input's
// gradient from all the windows that hold it.

#import is_nan
#import shut
#import windows

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> index: array<u32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn avg_forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
               @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i >= MAPS * OH * OW {
    return;
  }
  let rows = span(i / OW % OH, H, OH, KERNEL, STRIDE);
  let cols = span(i % OW, W, OW, KERNEL, STRIDE);
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
  let rows = holders(i / W % H, H, OH, KERNEL, STRIDE);
  let cols = holders(i % W, W, OW, KERNEL, STRIDE);
  let map = i / (H * W) * (OH * OW);
  var sum = 0.0;
  for (var row = rows.x; row < rows.y; row++) {
    let height = span(row, H, OH, KERNEL, STRIDE);
    for (var col = cols.x; col < cols.y; col++) {
      let width = span(col, W, OW, KERNEL, STRIDE);
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
  let rows = span(i / OW % OH, H, OH, KERNEL, STRIDE);
  let cols = span(i % OW, W, OW, KERNEL, STRIDE);
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
  let rows = holders(i / W % H, H, OH, KERNEL, STRIDE);
  let cols = holders(i % W, W, OW, KERNEL, STRIDE);
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

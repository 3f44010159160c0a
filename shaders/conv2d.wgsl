// conv2d: 2-D cross-correlation and its gradients. NCHW, f32.
//
//   binding  name  shape                      forward  backward_input  backward_weight
//   0        x     (N, C, H, W)               read     read (MASK)     read
//   1        w     (OC, C, KERNEL, KERNEL)    read     read            -
//   2        b     (OC)                       read     -               -
//   3        y     (N, OC, OH, OW)            write    -               -
//   4        dy    (N, OC, OH, OW)            -        read            read
//   5        dx    (N, C, H, W)               -        write           -
//   6        dw    (SPLITS, OC, C*KERNEL^2)   -        -               write
//   7        db    (SPLITS, OC)               -        -               write
//
// Constants from the host: N C H W OC OH OW KERNEL STRIDE PAD; RELU rectifies
// y; MASK zeroes dx where x is not above 0, for an x that was rectified; SPLITS
// parts of the batch's pixels, PART each and fewer in the last, have their own dw
// and db, to be summed by sgd; WORKGROUP invocations of 4 x TILE outputs each.
//
// An invocation computes four columns (pixels, or weights of one output
// channel) in the lanes of a vec4, for TILE channels. The columns of neighbouring
// invocations are neighbours in memory; what is multiplied with them is the same
// for the whole workgroup.

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;
@group(0) @binding(6) var<storage, read_write> dw: array<f32>;
@group(0) @binding(7) var<storage, read_write> db: array<f32>;

// unseen returns n, the bound of a loop, so that no compiler can know it: with small
// bounds in sight, even behind a minimum, some drivers unroll the whole nest and take
// seconds over it.
fn unseen(n: u32) -> u32 {
  return select(0u, n, arrayLength(&w) > 0u);
}

// columns returns the four columns of an invocation in tile number `tile`.
fn columns(tile: u32, lane: u32) -> vec4<u32> {
  return vec4<u32>(tile * 4u * WORKGROUP + lane) + vec4<u32>(0u, 1u, 2u, 3u) * WORKGROUP;
}

// inside tells which of the coordinates lie on a map of the given size.
fn inside(row: vec4<i32>, col: vec4<i32>, height: u32, width: u32) -> vec4<bool> {
  return (row >= vec4<i32>(0)) & (row < vec4<i32>(i32(height))) & (col >= vec4<i32>(0)) & (col < vec4<i32>(i32(width)));
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let pixel = columns(group.y * groups.x + group.x, lane);
  let first = group.z * TILE;
  let n = min(pixel / (OH * OW), vec4<u32>(N - 1u)); // beyond the batch: any image, never stored
  let at = pixel % (OH * OW);
  let top = vec4<i32>(at / OW * STRIDE) - i32(PAD);
  let left = vec4<i32>(at % OW * STRIDE) - i32(PAD);
  var sum: array<vec4<f32>, TILE>;
  for (var u = 0u; u < unseen(KERNEL); u++) {
    for (var v = 0u; v < unseen(KERNEL); v++) {
      let row = top + i32(u);
      let col = left + i32(v);
      let valid = inside(row, col, H, W);
      var i = select(vec4<u32>(0u), n * (C * H * W) + vec4<u32>(row) * W + vec4<u32>(col), valid);
      var k = first * C * KERNEL * KERNEL + u * KERNEL + v;
      for (var c = 0u; c < unseen(C); c++) {
        let value = select(vec4<f32>(0.0), vec4<f32>(x[i.x], x[i.y], x[i.z], x[i.w]), valid);
        for (var o = 0u; o < TILE; o++) {
          sum[o] += w[k + o * C * KERNEL * KERNEL] * value;
        }
        i += H * W;
        k += KERNEL * KERNEL;
      }
    }
  }
  for (var o = 0u; o < TILE; o++) {
    if first + o < OC {
      let value = sum[o] + b[first + o];
      for (var t = 0u; t < 4u; t++) {
        if pixel[t] < N * OH * OW {
          y[(n[t] * OC + first + o) * (OH * OW) + at[t]] = select(value[t], 0.0, RELU && shut(value[t]));
        }
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward_input(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                  @builtin(local_invocation_index) lane: u32) {
  let pixel = columns(group.y * groups.x + group.x, lane);
  let first = group.z * TILE;
  let n = min(pixel / (H * W), vec4<u32>(N - 1u));
  let at = pixel % (H * W);
  let bottom = vec4<i32>(at / W + PAD);
  let right = vec4<i32>(at % W + PAD);
  var sum: array<vec4<f32>, TILE>;
  for (var u = 0u; u < unseen(KERNEL); u++) {
    for (var v = 0u; v < unseen(KERNEL); v++) {
      // The output pixel that saw this input pixel through weight (u, v), if any.
      let below = bottom - i32(u);
      let beside = right - i32(v);
      let row = below / i32(STRIDE);
      let col = beside / i32(STRIDE);
      let valid = inside(row, col, OH, OW) & (row * i32(STRIDE) == below) & (col * i32(STRIDE) == beside);
      var i = select(vec4<u32>(0u), n * (OC * OH * OW) + vec4<u32>(row) * OW + vec4<u32>(col), valid);
      var k = first * KERNEL * KERNEL + u * KERNEL + v;
      for (var o = 0u; o < unseen(OC); o++) {
        let value = select(vec4<f32>(0.0), vec4<f32>(dy[i.x], dy[i.y], dy[i.z], dy[i.w]), valid);
        for (var c = 0u; c < TILE; c++) {
          sum[c] += w[k + c * KERNEL * KERNEL] * value;
        }
        i += OH * OW;
        k += C * KERNEL * KERNEL;
      }
    }
  }
  for (var c = 0u; c < TILE; c++) {
    if first + c < C {
      for (var t = 0u; t < 4u; t++) {
        if pixel[t] < N * H * W {
          let i = (n[t] * C + first + c) * (H * W) + at[t];
          var value = sum[c][t];
          if MASK {
            value = select(value, 0.0, shut(x[i]));
          }
          dx[i] = value;
        }
      }
    }
  }
}

// The columns are the weights (c, u, v) of an output channel, and after the last
// of them its bias, whose input is 1.
@compute @workgroup_size(WORKGROUP)
fn backward_weight(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let column = columns(group.x, lane);
  let split = group.y;
  let first = group.z * TILE;
  let weights = C * KERNEL * KERNEL;
  let weight = column < vec4<u32>(weights);
  let u = vec4<i32>(column / KERNEL % KERNEL) - i32(PAD);
  let v = vec4<i32>(column % KERNEL) - i32(PAD);
  let map = column / (KERNEL * KERNEL) * (H * W);
  let constant = select(vec4<f32>(0.0), vec4<f32>(1.0), column == vec4<u32>(weights));
  var sum: array<vec4<f32>, TILE>;
  for (var pixel = split * PART; pixel < min((split + 1u) * PART, N * OH * OW); pixel++) {
    let n = pixel / (OH * OW);
    let at = pixel % (OH * OW);
    let row = u + i32(at / OW * STRIDE);
    let col = v + i32(at % OW * STRIDE);
    let valid = inside(row, col, H, W) & weight;
    let i = select(vec4<u32>(0u), n * (C * H * W) + map + vec4<u32>(row) * W + vec4<u32>(col), valid);
    let value = select(constant, vec4<f32>(x[i.x], x[i.y], x[i.z], x[i.w]), valid);
    let k = (n * OC + first) * (OH * OW) + at;
    for (var o = 0u; o < TILE; o++) {
      sum[o] += dy[k + o * (OH * OW)] * value;
    }
  }
  for (var o = 0u; o < TILE; o++) {
    if first + o < OC {
      for (var t = 0u; t < 4u; t++) {
        if column[t] < weights {
          dw[(split * OC + first + o) * weights + column[t]] = sum[o][t];
        } else if column[t] == weights {
          db[split * OC + first + o] = sum[o][t];
        }
      }
    }
  }
}

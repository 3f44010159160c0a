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
// Constants from the host: N C H W OC OH OW KERNEL STRIDE PAD; RELU rectifies y; MASK
// zeroes dx where x is not above 0, for an x that was rectified; WORKGROUP, TILE and the
// others that follow.
//
// forward and backward_input: an invocation computes RUN neighbours in each of ROWS rows, a
// map having RUNS x BANDS of these blocks, for TILE channels of y (or x). It keeps the sums in
// registers, and reads SPAN columns, a multiple of 4, of a row of the other tensor at a time,
// from LEFT before the block (for backward_input counted in strides), as whole vec4s of memory
// where X_ALIGNED or DY_ALIGNED. Each value read meets every
// column of the window at once. The weights, the same for the whole workgroup, are STAGED in
// its memory for CHUNK channels at a time, FILTERS values, where they fit; WINDOW is KERNEL^2.
// backward_input wants RUN to be a multiple of STRIDE unless RUNS is 1.
//
// backward_weight: the lanes are output channels, TILE each, and an invocation computes a row
// of their windows for CHANNELS input channels. The batch's rows are cut into RUNS runs of
// RUN columns, of which dy is read RUN_SPAN at a time, and these into SPLITS parts of PART
// runs, each with its own dw and db, to be summed by sgd.

#import shut
#import slow_unrolling

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;
@group(0) @binding(6) var<storage, read_write> dw: array<f32>;
@group(0) @binding(7) var<storage, read_write> db: array<f32>;

var<workgroup> filters: array<f32, FILTERS>;

fn bound_length() -> u32 {
  return arrayLength(&w);
}

// x_at returns an element of x.
fn x_at(i: u32) -> f32 {
  return x[i / 4u][i % 4u];
}

fn dy_at(i: u32) -> f32 {
  return dy[i / 4u][i % 4u];
}

// Conditions are joined by &, since a && is a branch, of which an unrolled loop has hundreds.

// x_block returns four neighbours of a row of x whose column 0 is element `line`: those from
// column `col` on, and 0 for what is beyond the map.
fn x_block(line: i32, col: i32, valid: bool) -> vec4<f32> {
  if X_ALIGNED {
    let inside = valid & (col >= 0) & (col < i32(W));
    return select(vec4<f32>(0.0), x[select(0u, u32(line + col) / 4u, inside)], inside);
  }
  var block: vec4<f32>;
  @unroll for (var i = 0u; i < 4u; i++) {
    let inside = valid & (col + i32(i) >= 0) & (col + i32(i) < i32(W));
    block[i] = select(0.0, x_at(select(0u, u32(line + col + i32(i)), inside)), inside);
  }
  return block;
}

fn dy_block(line: i32, col: i32, valid: bool) -> vec4<f32> {
  if DY_ALIGNED {
    let inside = valid & (col >= 0) & (col < i32(OW));
    return select(vec4<f32>(0.0), dy[select(0u, u32(line + col) / 4u, inside)], inside);
  }
  var block: vec4<f32>;
  @unroll for (var i = 0u; i < 4u; i++) {
    let inside = valid & (col + i32(i) >= 0) & (col + i32(i) < i32(OW));
    block[i] = select(0.0, dy_at(select(0u, u32(line + col + i32(i)), inside)), inside);
  }
  return block;
}

// filter_at returns a weight: element `staged` of those in workgroup memory, `index` of all.
fn filter_at(staged: u32, index: u32) -> f32 {
  if STAGED {
    return filters[staged];
  }
  return w[index];
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let block = (group.y * groups.x + group.x) * WORKGROUP + lane;
  let n = min(block / (RUNS * BANDS), N - 1u); // beyond the batch: any image, never stored
  let oy = block / RUNS % BANDS * ROWS;
  let ox = block % RUNS * RUN;
  let left = i32(ox * STRIDE) - i32(LEFT);
  let first = group.z * TILE;
  var sum: array<array<array<f32, RUN>, ROWS>, TILE>;
  var weight: array<f32, KERNEL>;
  var chunk = 0u;
  loop { // left at its first end where all fits, which compilers see: a barrier in a loop is dear
    if STAGED {
      workgroupBarrier();
      for (var i = lane; i < unseen(FILTERS); i += WORKGROUP) {
        filters[i] = w[((first + i / (CHUNK * WINDOW)) * C + chunk) * WINDOW + i % (CHUNK * WINDOW)];
      }
      workgroupBarrier();
    }
    for (var tap = 0u; tap < unseen(min(CHUNK, C - chunk) * KERNEL); tap++) { // a row of the window
      let c = chunk + tap / KERNEL;
      let u = tap % KERNEL;
      var value: array<array<f32, SPAN>, ROWS>;
      @unroll for (var r = 0u; r < ROWS; r++) {
        let row = i32((oy + r) * STRIDE + u) - i32(PAD);
        let valid = (row >= 0) & (row < i32(H));
        let line = i32((n * C + c) * H * W) + row * i32(W);
        @unroll for (var j = 0u; j < SPAN / 4u; j++) {
          let four = x_block(line, left + i32(4u * j), valid);
          value[r][4u * j] = four.x;
          value[r][4u * j + 1u] = four.y;
          value[r][4u * j + 2u] = four.z;
          value[r][4u * j + 3u] = four.w;
        }
      }
      @unroll for (var o = 0u; o < TILE; o++) {
        @unroll for (var v = 0u; v < KERNEL; v++) {
          weight[v] = filter_at(o * CHUNK * WINDOW + tap * KERNEL + v, ((first + o) * C + chunk) * WINDOW + tap * KERNEL + v);
        }
        @unroll for (var r = 0u; r < ROWS; r++) {
          @unroll for (var j = 0u; j < RUN; j++) {
            @unroll for (var v = 0u; v < KERNEL; v++) {
              sum[o][r][j] += weight[v] * value[r][LEFT - PAD + j * STRIDE + v];
            }
          }
        }
      }
    }
    chunk += CHUNK;
    if CHUNK >= C || chunk >= unseen(C) {
      break;
    }
  }
  if block >= N * BANDS * RUNS {
    return;
  }
  @unroll for (var o = 0u; o < TILE; o++) {
    @unroll for (var r = 0u; r < ROWS; r++) {
      @unroll for (var j = 0u; j < RUN; j++) {
        if (first + o < OC) & (oy + r < OH) & (ox + j < OW) {
          let value = sum[o][r][j] + b[first + o];
          y[((n * OC + first + o) * OH + oy + r) * OW + ox + j] = select(value, 0.0, RELU & shut(value));
        }
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward_input(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                  @builtin(local_invocation_index) lane: u32) {
  let block = (group.y * groups.x + group.x) * WORKGROUP + lane;
  let n = min(block / (RUNS * BANDS), N - 1u);
  let iy = block / RUNS % BANDS * ROWS;
  let ix = block % RUNS * RUN;
  let left = i32(ix / STRIDE) - i32(LEFT);
  let first = group.z * TILE;
  var sum: array<array<array<f32, RUN>, ROWS>, TILE>;
  var weight: array<f32, KERNEL>;
  var chunk = 0u;
  loop {
    if STAGED {
      workgroupBarrier();
      for (var i = lane; i < unseen(FILTERS); i += WORKGROUP) {
        filters[i] = w[((chunk + i / (TILE * WINDOW)) * C + first) * WINDOW + i % (TILE * WINDOW)];
      }
      workgroupBarrier();
    }
    for (var tap = 0u; tap < unseen(min(CHUNK, OC - chunk) * KERNEL); tap++) {
      let o = tap / KERNEL; // of the chunk
      let u = tap % KERNEL;
      var value: array<array<f32, SPAN>, ROWS>;
      @unroll for (var r = 0u; r < ROWS; r++) {
        // The row of dy that saw this one of dx through row u of the window, if any.
        let below = i32(iy + r + PAD) - i32(u);
        let row = below / i32(STRIDE);
        let valid = (below >= 0) & (row < i32(OH)) & (row * i32(STRIDE) == below);
        let line = i32((n * OC + chunk + o) * OH * OW) + row * i32(OW);
        @unroll for (var j = 0u; j < SPAN / 4u; j++) {
          let four = dy_block(line, left + i32(4u * j), valid);
          value[r][4u * j] = four.x;
          value[r][4u * j + 1u] = four.y;
          value[r][4u * j + 2u] = four.z;
          value[r][4u * j + 3u] = four.w;
        }
      }
      @unroll for (var c = 0u; c < TILE; c++) {
        @unroll for (var v = 0u; v < KERNEL; v++) {
          weight[v] = filter_at((o * TILE + c) * WINDOW + u * KERNEL + v, ((chunk + o) * C + first + c) * WINDOW + u * KERNEL + v);
        }
        @unroll for (var r = 0u; r < ROWS; r++) {
          @unroll for (var j = 0u; j < RUN; j++) {
            // Only every STRIDE-th column of the window saw this one.
            @unroll for (var k = 0u; k < (KERNEL + STRIDE - 1u - (j + PAD) % STRIDE) / STRIDE; k++) {
              sum[c][r][j] += weight[(j + PAD) % STRIDE + k * STRIDE] * value[r][(j + PAD) / STRIDE + LEFT - k];
            }
          }
        }
      }
    }
    chunk += CHUNK;
    if CHUNK >= OC || chunk >= unseen(OC) {
      break;
    }
  }
  if block >= N * BANDS * RUNS {
    return;
  }
  @unroll for (var c = 0u; c < TILE; c++) {
    @unroll for (var r = 0u; r < ROWS; r++) {
      @unroll for (var j = 0u; j < RUN; j++) {
        if (first + c < C) & (iy + r < H) & (ix + j < W) {
          let i = ((n * C + first + c) * H + iy + r) * W + ix + j;
          var value = sum[c][r][j];
          if MASK {
            value = select(value, 0.0, shut(x_at(i)));
          }
          dx[i] = value;
        }
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward_weight(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let u = group.x % KERNEL;
  let first = group.x / KERNEL * CHANNELS;
  let split = group.y;
  let o = group.z * TILE * WORKGROUP + lane; // and each WORKGROUP further
  var sum: array<array<array<f32, KERNEL>, CHANNELS>, TILE>;
  var bias: array<f32, TILE>;
  for (var run = split * PART; run < min((split + 1u) * PART, N * OH * RUNS); run++) {
    let n = run / (RUNS * OH);
    let oy = run / RUNS % OH;
    let ox = run % RUNS * RUN;
    var gradient: array<array<f32, RUN_SPAN>, TILE>;
    @unroll for (var t = 0u; t < TILE; t++) {
      let line = i32(((n * OC + min(o + t * WORKGROUP, OC - 1u)) * OH + oy) * OW);
      @unroll for (var j = 0u; j < RUN_SPAN / 4u; j++) {
        let four = dy_block(line, i32(ox + 4u * j), true);
        gradient[t][4u * j] = four.x;
        gradient[t][4u * j + 1u] = four.y;
        gradient[t][4u * j + 2u] = four.z;
        gradient[t][4u * j + 3u] = four.w;
      }
      @unroll for (var j = 0u; j < RUN; j++) {
        bias[t] += gradient[t][j];
      }
    }
    let row = i32(oy * STRIDE + u) - i32(PAD);
    let valid = (row >= 0) & (row < i32(H));
    @unroll for (var c = 0u; c < CHANNELS; c++) {
      let line = i32((n * C + min(first + c, C - 1u)) * H * W) + row * i32(W);
      var value: array<f32, SPAN>;
      @unroll for (var j = 0u; j < SPAN / 4u; j++) {
        let four = x_block(line, i32(ox * STRIDE + 4u * j) - i32(LEFT), valid);
        value[4u * j] = four.x;
        value[4u * j + 1u] = four.y;
        value[4u * j + 2u] = four.z;
        value[4u * j + 3u] = four.w;
      }
      @unroll for (var t = 0u; t < TILE; t++) {
        @unroll for (var v = 0u; v < KERNEL; v++) {
          @unroll for (var j = 0u; j < RUN; j++) {
            sum[t][c][v] += gradient[t][j] * value[LEFT - PAD + j * STRIDE + v];
          }
        }
      }
    }
  }
  @unroll for (var t = 0u; t < TILE; t++) {
    let at = split * OC + o + t * WORKGROUP;
    if o + t * WORKGROUP < OC {
      @unroll for (var c = 0u; c < CHANNELS; c++) {
        @unroll for (var v = 0u; v < KERNEL; v++) {
          if first + c < C {
            dw[((at * C + first + c) * KERNEL + u) * KERNEL + v] = sum[t][c][v];
          }
        }
      }
      if group.x == 0u {
        db[at] = bias[t];
      }
    }
  }
}

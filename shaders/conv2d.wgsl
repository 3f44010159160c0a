// conv2d: 2-D cross-correlation and its gradients. NCHW, f32.
//
//   binding  name  shape                      forward      backward_input  backward_weight
//   0        x     (N, C, H, W)               read         read (MASK)     read
//   1        w     (OC, C, KERNEL, KERNEL)    read         read            -
//   2        b     (OC)                       read (BIAS)  -               -
//   3        y     (N, OC, OH, OW)            write        -               -
//   4        dy    (N, OC, OH, OW)            -            read            read
//   5        dx    (N, C, H, W)               -            write           -
//   6        dw    (SPLITS, OC, C*KERNEL^2)   -            -               write
//   7        db    (SPLITS, OC)               -            -               write (BIAS)
//
// Constants from the host: N C H W OC OH OW KERNEL STRIDE PAD. WINDOW is KERNEL^2. BIAS says
// that there is a bias. RELU rectifies y. MASK zeroes dx where x is not above 0, for an x that a
// ReLU made. WORKGROUP, and the following.
//
// forward and backward_input: an invocation computes a block of a map, ROWS rows of RUN columns,
// for TILE channels. A map has BANDS x RUNS blocks. The sums stay in registers. The invocation
// reads rows of the other tensor: SPAN columns, a multiple of 4, that begin LEFT columns before
// the block. In backward_input these are columns of dy, and the block begins at its own column
// divided by STRIDE. X_ALIGNED and DY_ALIGNED say that the columns are whole vec4s of memory. A
// value that is read serves every column of the window. backward_input needs a RUN that is a
// multiple of STRIDE, unless RUNS is 1.
//
// All invocations of a workgroup use the same weights. If STAGED, the workgroup copies the
// weights of CHUNK channels, FILTERS values, to its memory, uses them, and copies the next.
//
// backward_weight: a lane computes TILE output channels, WORKGROUP apart, and one row of their
// windows for CHANNELS input channels. Each row of dy is cut into RUNS runs of RUN columns. For a
// run a lane reads RUN_SPAN columns of dy, a multiple of 4. All runs of the batch are divided into SPLITS
// parts of PART runs. Each part has its own dw and db; the optimiser sums them.

#import columns
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

// filter_at returns a weight. Its index is `staged` in workgroup memory, and `index` in w.
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
  let n = min(block / (RUNS * BANDS), N - 1u); // a block beyond the batch reads the last image, and is not stored
  let oy = block / RUNS % BANDS * ROWS;
  let ox = block % RUNS * RUN;
  let left = i32(ox * STRIDE) - i32(LEFT);
  let first = group.z * TILE;
  var sum: array<array<array<f32, RUN>, ROWS>, TILE>;
  var weight: array<f32, KERNEL>;
  var chunk = 0u;
  loop { // leaves after one pass if one chunk holds all: a barrier in a real loop is slow on lavapipe
    if STAGED {
      workgroupBarrier();
      for (var i = lane; i < unseen(FILTERS); i += WORKGROUP) {
        filters[i] = w[((first + i / (CHUNK * WINDOW)) * C + chunk) * WINDOW + i % (CHUNK * WINDOW)];
      }
      workgroupBarrier();
    }
    for (var tap = 0u; tap < unseen(min(CHUNK, C - chunk) * KERNEL); tap++) { // row u of the window in channel c
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
          var value = sum[o][r][j];
          @if(BIAS) {
            value += b[first + o];
          }
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
      let o = tap / KERNEL; // output channel within the chunk
      let u = tap % KERNEL;
      var value: array<array<f32, SPAN>, ROWS>;
      @unroll for (var r = 0u; r < ROWS; r++) {
        // Row u of the window joins this row of dx to one row of dy, or to none.
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
            // Only every STRIDE-th column of the window meets this column of dx.
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
  let o = group.z * TILE * WORKGROUP + lane; // the first of TILE channels, WORKGROUP apart
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
      @if(BIAS) {
        if group.x == 0u {
          db[at] = bias[t];
        }
      }
    }
  }
}

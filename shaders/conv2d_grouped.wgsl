// conv2d_grouped: 2-D cross-correlation in groups of channels, and its gradients. NCHW, f32.
//
//   binding  name   shape                           forward      backward_input  backward_weight
//   0        x      (N, C, H, W)                    read         read (MASK)     read
//   1        w      (OC, GROUP_C, KERNEL, KERNEL)   read         read            -
//   2        b      (OC)                            read (BIAS)  -               -
//   3        y      (N, OC, OH, OW)                 write        -               -
//   4        dy     (N, OC, OH, OW)                 -            read            read
//   5        dx     (N, C, H, W)                    -            write           -
//   6        parts  from DW: (SPLITS, w); from DB: (SPLITS, b)   -   -           write
//
// Constants from the host: N C H W OC OH OW KERNEL STRIDE PAD. WINDOW is KERNEL^2. A group has GROUP_C
// input channels and GROUP_OC output channels. BIAS says that there is a bias. RELU rectifies y. MASK
// zeroes dx where x is not above 0, for an x that a ReLU made. WORKGROUP, and the following.
//
// forward and backward_input: an invocation computes a block of a map, ROWS rows of RUN columns, for TILE
// channels of a group, which has TILES tiles. A map has BANDS x RUNS blocks. The sums stay in registers.
// For each channel of the other tensor, the invocation reads PATCH_ROWS rows of SPAN columns. They begin
// LEFT columns before the block, and in backward_input TOP rows above it. There they are rows and columns of
// dy, and the block begins at its own place divided by STRIDE. A row that is read serves all rows of the
// block. SPAN is a multiple of 4. backward_input needs a RUN that is a multiple of STRIDE, unless RUNS is 1.
// All invocations of a workgroup use the same weights, so these are read from w.
//
// backward_weight: a unit is WINDOW_ROWS rows of a window, TAPS weights, of one channel of w. A window has
// WINDOW_BANDS units. SHARES neighbouring invocations sum a unit together. Each row of dy is cut into RUNS
// runs of RUN columns. Neighbours take neighbouring runs. For a run an invocation reads RUN_SPAN columns of
// dy, a multiple of 4. SPLITS workgroups sum the same units. In each of them an invocation takes PART runs.
// The optimiser adds the parts up. If SHARED, an invocation stores its sums in the workgroup's memory: SUM_QUADS
// vec4s of SUMS values. The last value is the sum of the bias.

#import columns
#import shut
#import slow_unrolling

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;
@group(0) @binding(6) var<storage, read_write> parts: array<f32>;

fn bound_length() -> u32 {
  return arrayLength(&w);
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let block = (group.y * groups.x + group.x) * WORKGROUP + lane;
  let n = min(block / (RUNS * BANDS), N - 1u); // a block beyond the batch reads the last image, and is not stored
  let oy = block / RUNS % BANDS * ROWS;
  let ox = block % RUNS * RUN;
  let left = i32(ox * STRIDE) - i32(LEFT);
  let top = i32(oy * STRIDE) - i32(PAD);
  let source = group.z / TILES * GROUP_C;
  let within = group.z % TILES * TILE; // the first channel of the tile, within its group
  let first = group.z / TILES * GROUP_OC + within;
  var sum: array<array<array<f32, RUN>, ROWS>, TILE>;
  var value: array<f32, SPAN>;
  var weight: array<f32, KERNEL>;
  for (var step = 0u; step < unseen(GROUP_C * PATCH_ROWS); step++) {
    let c = step / PATCH_ROWS;
    let i = step % PATCH_ROWS;
    let row = top + i32(i);
    let line = i32((n * C + source + c) * H * W) + row * i32(W);
    @unroll for (var j = 0u; j < SPAN / 4u; j++) {
      let four = x_block(line, left + i32(4u * j), (row >= 0) & (row < i32(H)));
      value[4u * j] = four.x;
      value[4u * j + 1u] = four.y;
      value[4u * j + 2u] = four.z;
      value[4u * j + 3u] = four.w;
    }
    @unroll for (var r = 0u; r < ROWS; r++) {
      let u = i - r * STRIDE; // row of the window that joins row i of the patch to row r of the block, or none
      if u < KERNEL {
        @unroll for (var o = 0u; o < TILE; o++) {
          @unroll for (var v = 0u; v < KERNEL; v++) {
            weight[v] = w[((first + o) * GROUP_C + c) * WINDOW + u * KERNEL + v];
          }
          @unroll for (var j = 0u; j < RUN; j++) {
            @unroll for (var v = 0u; v < KERNEL; v++) {
              sum[o][r][j] += weight[v] * value[LEFT - PAD + j * STRIDE + v];
            }
          }
        }
      }
    }
  }
  if block >= N * BANDS * RUNS {
    return;
  }
  @unroll for (var o = 0u; o < TILE; o++) {
    @unroll for (var r = 0u; r < ROWS; r++) {
      @unroll for (var j = 0u; j < RUN; j++) {
        if (within + o < GROUP_OC) & (oy + r < OH) & (ox + j < OW) {
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
  let top = i32(iy / STRIDE) - i32(TOP);
  let source = group.z / TILES * GROUP_OC;
  let within = group.z % TILES * TILE;
  let first = group.z / TILES * GROUP_C + within;
  var sum: array<array<array<f32, RUN>, ROWS>, TILE>;
  var value: array<f32, SPAN>;
  var weight: array<f32, KERNEL>;
  for (var step = 0u; step < unseen(GROUP_OC * PATCH_ROWS); step++) {
    let o = source + step / PATCH_ROWS;
    let row = top + i32(step % PATCH_ROWS);
    let line = i32((n * OC + o) * OH * OW) + row * i32(OW);
    @unroll for (var j = 0u; j < SPAN / 4u; j++) {
      let four = dy_block(line, left + i32(4u * j), (row >= 0) & (row < i32(OH)));
      value[4u * j] = four.x;
      value[4u * j + 1u] = four.y;
      value[4u * j + 2u] = four.z;
      value[4u * j + 3u] = four.w;
    }
    @unroll for (var r = 0u; r < ROWS; r++) {
      let u = u32(i32(iy + r + PAD) - row * i32(STRIDE)); // row of the window that joins them, or none
      if u < KERNEL {
        @unroll for (var c = 0u; c < TILE; c++) {
          @unroll for (var v = 0u; v < KERNEL; v++) {
            weight[v] = w[(o * GROUP_C + within + c) * WINDOW + u * KERNEL + v];
          }
          @unroll for (var j = 0u; j < RUN; j++) {
            // Only every STRIDE-th column of the window meets this column of dx.
            @unroll for (var k = 0u; k < (KERNEL + STRIDE - 1u - (j + PAD) % STRIDE) / STRIDE; k++) {
              sum[c][r][j] += weight[(j + PAD) % STRIDE + k * STRIDE] * value[(j + PAD) / STRIDE + LEFT - k];
            }
          }
        }
      }
    }
  }
  if block >= N * BANDS * RUNS {
    return;
  }
  @unroll for (var c = 0u; c < TILE; c++) {
    @unroll for (var r = 0u; r < ROWS; r++) {
      @unroll for (var j = 0u; j < RUN; j++) {
        if (within + c < GROUP_C) & (iy + r < H) & (ix + j < W) {
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

@if(SHARED) var<workgroup> staged: array<vec4<f32>, STAGED>;

// store writes four sums of a unit for one part.
fn store(total: vec4<f32>, unit: u32, quad: u32, split: u32) {
  let tap = unit % WINDOW_BANDS * TAPS + 4u * quad; // within the window
  let channel = unit / WINDOW_BANDS;                // of w
  @unroll for (var m = 0u; m < 4u; m++) {
    if (unit < UNITS) & (split < SPLITS) & (4u * quad + m < TAPS) & (tap + m < WINDOW) {
      parts[DW + (split * OC * GROUP_C + channel) * WINDOW + tap + m] = total[m];
    }
    @if(BIAS) {
      if (unit < UNITS) & (split < SPLITS) & (4u * quad + m == TAPS) & (unit % (GROUP_C * WINDOW_BANDS) == 0u) {
        parts[DB + split * OC + channel / GROUP_C] = total[m];
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward_weight(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                   @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  let split = number / UNIT_GROUPS;
  let first = number % UNIT_GROUPS * (WORKGROUP / SHARES); // unit
  let unit = first + lane / SHARES;
  let channel = min(unit / WINDOW_BANDS, OC * GROUP_C - 1u); // of w
  let o = channel / GROUP_C;
  let c = o / GROUP_OC * GROUP_C + channel % GROUP_C;
  let u = unit % WINDOW_BANDS * WINDOW_ROWS;
  var sum: array<f32, SUMS>;
  for (var i = split * PART; i < (split + 1u) * PART; i++) {
    let run = i * SHARES + lane % SHARES;
    let valid = run < N * OH * RUNS;
    let n = run / (RUNS * OH);
    let oy = run / RUNS % OH;
    let ox = run % RUNS * RUN;
    var gradient: array<f32, RUN_SPAN>;
    @unroll for (var j = 0u; j < RUN_SPAN / 4u; j++) {
      let four = dy_block(i32(((n * OC + o) * OH + oy) * OW), i32(ox + 4u * j), valid);
      gradient[4u * j] = four.x;
      gradient[4u * j + 1u] = four.y;
      gradient[4u * j + 2u] = four.z;
      gradient[4u * j + 3u] = four.w;
    }
    @if(BIAS) {
      @unroll for (var j = 0u; j < RUN; j++) {
        sum[TAPS] += gradient[j];
      }
    }
    @unroll for (var r = 0u; r < WINDOW_ROWS; r++) {
      let row = i32(oy * STRIDE + u + r) - i32(PAD);
      let line = i32((n * C + c) * H * W) + row * i32(W);
      var value: array<f32, SPAN>;
      @unroll for (var j = 0u; j < SPAN / 4u; j++) {
        let four = x_block(line, i32(ox * STRIDE + 4u * j) - i32(LEFT), valid & (row >= 0) & (row < i32(H)));
        value[4u * j] = four.x;
        value[4u * j + 1u] = four.y;
        value[4u * j + 2u] = four.z;
        value[4u * j + 3u] = four.w;
      }
      @unroll for (var v = 0u; v < KERNEL; v++) {
        @unroll for (var j = 0u; j < RUN; j++) {
          sum[r * KERNEL + v] += gradient[j] * value[LEFT - PAD + j * STRIDE + v];
        }
      }
    }
  }
  @if(!SHARED) {
    @unroll for (var q = 0u; q < SUM_QUADS; q++) {
      store(vec4<f32>(sum[4u * q], sum[4u * q + 1u], sum[4u * q + 2u], sum[4u * q + 3u]), unit, q, split);
    }
  }
  @if(SHARED) {
    @unroll for (var q = 0u; q < SUM_QUADS; q++) {
      staged[lane * SUM_QUADS + q] = vec4<f32>(sum[4u * q], sum[4u * q + 1u], sum[4u * q + 2u], sum[4u * q + 3u]);
    }
    workgroupBarrier();
    for (var k = lane; k < WORKGROUP / SHARES * SUM_QUADS; k += WORKGROUP) {
      var total = vec4<f32>(0.0);
      for (var s = 0u; s < SHARES; s++) {
        total += staged[(k / SUM_QUADS * SHARES + s) * SUM_QUADS + k % SUM_QUADS];
      }
      store(total, first + k / SUM_QUADS, k % SUM_QUADS, split);
    }
  }
}

// conv2d_gpu_weight: the gradients of the weight and the bias of a 2-D cross-correlation on a GPU.
// NCHW, f32.
//
//   binding  name   shape                                                        backward_weight
//   0        x      (N, C, H, W)                                                 read
//   1        dy     (N, OC, OH, OW)                                              read
//   2        parts  from DW: (PARTS, OC, C*KERNEL^2); from DB: (PARTS, OC)       write
//
// Constants from the host: N C H W OC OH OW KERNEL STRIDE PAD. WINDOW is KERNEL^2. BIAS says that there is a
// bias; without it db is not written. WORKGROUP, and the following.
//
// The part tiles cuts dy into tiles: TILE_RUNS runs each, TILES tiles in a batch. They are divided into
// PARTS parts of PART tiles. Each part has its own dw and db; the optimiser sums them.
//
// A workgroup computes a part for OUTPUTS output channels and INPUTS input channels. All channels
// have BLOCKS such blocks, IN_BLOCKS of them side by side for the same output channels. The
// workgroup copies tile after tile to its memory. While it computes with one, it loads the next to
// registers: DY_TURNS and X_TURNS vec4s in each invocation.
//
//   dy: (OUTPUTS, TILE_RUNS, RUN_QUADS), DY_QUADS vec4s. A run takes RUN_SPAN columns there, whole
//       vec4s. WHOLE_QUADS says that they are whole vec4s of dy too. A channel takes DY_ROW vec4s,
//       an odd number, so that neighbouring invocations read other banks.
//   x:  (INPUTS, IMAGES, PATCH_ROWS, RUNS, SPAN), X_QUADS vec4s, behind dy. These are the rows and
//       columns that the windows of the tile see. Each run has its own columns, so that it begins
//       at a whole vec4. Rows that are STRIDE apart are neighbours: PHASE_ROWS rows, then those
//       that begin one row further down.
//
// A line is a row of the window in an input channel; the workgroup has INPUTS * KERNEL of them. An
// invocation computes OWN neighbouring lines of four output channels, GROUPS apart. Its sums stay
// in registers, as vec4s of the four channels. LINE_GROUPS invocations have all lines of these
// channels. SPLIT invocations share each sum: an invocation takes every SPLIT-th run of a tile.
// BIAS_SHARES invocations share the sum of a bias. STAGED is the vec4s of the workgroup's memory.

#import tiles

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;

var<workgroup> staged: array<vec4<f32>, STAGED>; // a tile of dy and of x, and sums later

// Block is what a workgroup computes, Place what an invocation computes of it. Compilers refuse a
// barrier in a loop whose bounds may differ between invocations, and they judge a struct as a
// whole. So what is equal in all invocations has a struct of its own.
struct Block {
  part: u32,
  output: u32, // the first output channel
  input: u32,  // the first input channel
}

struct Place {
  channel: u32, // the first of the four channels, within the block
  line: u32,    // the first line, within the block
  share: u32,   // SPLIT or more for an invocation without a share
}

// Load is what an invocation stages of a tile.
struct Load {
  dy: array<vec4<f32>, DY_TURNS>,
  x: array<vec4<f32>, X_TURNS>,
}

alias Sums = array<array<vec4<f32>, KERNEL>, OWN>;

fn block_at(number: u32) -> Block {
  return Block(number / BLOCKS, number % BLOCKS / IN_BLOCKS * OUTPUTS, number % IN_BLOCKS * INPUTS);
}

fn place_of(lane: u32) -> Place {
  return Place(lane % GROUPS, lane / GROUPS % LINE_GROUPS * OWN, lane / (GROUPS * LINE_GROUPS));
}

// dy_quad returns vec4 i of a tile of dy, for the channels that begin at `channel`. It is 0
// beyond the tensor.
fn dy_quad(i: u32, tile: Tile, channel: u32) -> vec4<f32> {
  let run = i / RUN_QUADS % TILE_RUNS;
  let image = tile.image + run / (RUNS * TILE_ROWS);
  let row = tile.row + run / RUNS % TILE_ROWS;
  let first = i % RUN_QUADS * 4u; // column within the run
  let column = tile.column + run % RUNS * RUN + first;
  let o = channel + i / (RUN_QUADS * TILE_RUNS);
  let valid = (i < DY_QUADS) & (image < N) & (o < OC) & (row < OH);
  let at = ((image * OC + o) * OH + row) * OW + column;
  if WHOLE_QUADS {
    let inside = valid & (column < OW);
    return select(vec4<f32>(0.0), dy[select(0u, at / 4u, inside)], inside);
  }
  var quad: vec4<f32>;
  @unroll for (var k = 0u; k < 4u; k++) {
    let inside = valid & (first + k < RUN) & (column + k < OW);
    let index = select(0u, at + k, inside);
    quad[k] = select(0.0, dy[index / 4u][index % 4u], inside);
  }
  return quad;
}

// x_quad does the same for x.
fn x_quad(i: u32, tile: Tile, channel: u32) -> vec4<f32> {
  let run = i / SPAN % RUNS;
  let patch_row = i / (SPAN * RUNS) % PATCH_ROWS;
  let image = tile.image + i / (SPAN * RUNS * PATCH_ROWS) % IMAGES;
  let c = channel + i / (SPAN * RUNS * PATCH_ROWS * IMAGES);
  let row = i32((tile.row + patch_row % PHASE_ROWS) * STRIDE + patch_row / PHASE_ROWS) - i32(PAD);
  let column = i32((tile.column + run * RUN) * STRIDE + i % SPAN * 4u) - i32(PAD);
  let valid = (i < X_QUADS) & (image < N) & (c < C) & (row >= 0) & (row < i32(H));
  let line = i32((image * C + c) * H * W) + row * i32(W);
  var quad: vec4<f32>;
  @unroll for (var k = 0u; k < 4u; k++) {
    let inside = valid & (column + i32(k) >= 0) & (column + i32(k) < i32(W));
    quad[k] = select(0.0, x[select(0u, u32(line + column + i32(k)), inside)], inside);
  }
  return quad;
}

// load loads what an invocation stages of a tile.
fn load(next: ptr<function, Load>, tile: Tile, block: Block, lane: u32) {
  @unroll for (var i = 0u; i < DY_TURNS; i++) {
    (*next).dy[i] = dy_quad(lane + i * WORKGROUP, tile, block.output);
  }
  @unroll for (var i = 0u; i < X_TURNS; i++) {
    (*next).x[i] = x_quad(lane + i * WORKGROUP, tile, block.input);
  }
}

// stage writes it to the workgroup's memory.
fn stage(next: ptr<function, Load>, lane: u32) {
  @unroll for (var i = 0u; i < DY_TURNS; i++) {
    let at = lane + i * WORKGROUP;
    if at < DY_QUADS {
      staged[at / (TILE_RUNS * RUN_QUADS) * DY_ROW + at % (TILE_RUNS * RUN_QUADS)] = (*next).dy[i];
    }
  }
  @unroll for (var i = 0u; i < X_TURNS; i++) {
    let at = lane + i * WORKGROUP;
    if at < X_QUADS {
      staged[OUTPUTS * DY_ROW + at] = (*next).x[i];
    }
  }
}

// add_products adds the products of a run of the tile to the sums of an invocation.
fn add_products(sums: ptr<function, Sums>, place: Place, run: u32) {
  var gradient: array<vec4<f32>, RUN_SPAN>; // of the four channels, column by column
  @unroll for (var q = 0u; q < RUN_QUADS; q++) {
    let at = place.channel * DY_ROW + run * RUN_QUADS + q;
    let a = staged[at];
    let b = staged[at + GROUPS * DY_ROW];
    let c = staged[at + 2u * GROUPS * DY_ROW];
    let d = staged[at + 3u * GROUPS * DY_ROW];
    gradient[4u * q] = vec4<f32>(a.x, b.x, c.x, d.x);
    gradient[4u * q + 1u] = vec4<f32>(a.y, b.y, c.y, d.y);
    gradient[4u * q + 2u] = vec4<f32>(a.z, b.z, c.z, d.z);
    gradient[4u * q + 3u] = vec4<f32>(a.w, b.w, c.w, d.w);
  }
  let image = run / (RUNS * TILE_ROWS);
  let row = run / RUNS % TILE_ROWS;
  @unroll for (var own = 0u; own < OWN; own++) {
    let line = min(place.line + own, INPUTS * KERNEL - 1u); // the last invocation may have lines too many
    let u = line % KERNEL;
    let patch_row = (line / KERNEL * IMAGES + image) * PATCH_ROWS + u % STRIDE * PHASE_ROWS + u / STRIDE + row;
    let at = OUTPUTS * DY_ROW + (patch_row * RUNS + run % RUNS) * SPAN;
    var value: array<vec4<f32>, SPAN>;
    @unroll for (var q = 0u; q < SPAN; q++) {
      value[q] = staged[at + q];
    }
    @unroll for (var v = 0u; v < KERNEL; v++) {
      @unroll for (var j = 0u; j < RUN; j++) {
        (*sums)[own][v] += gradient[j] * value[(j * STRIDE + v) / 4u][(j * STRIDE + v) % 4u];
      }
    }
  }
}

// store_weights adds the shares of the sums and stores them, for one of the four channels after
// another. In the workgroup's memory an invocation has SUM_QUADS vec4s of its own. From there
// neighbouring invocations store neighbouring weights.
fn store_weights(sums: ptr<function, Sums>, block: Block, place: Place, lane: u32) {
  @unroll for (var t = 0u; t < 4u; t++) {
    workgroupBarrier();
    if place.share < SPLIT {
      var quads: array<vec4<f32>, SUM_QUADS>;
      @unroll for (var own = 0u; own < OWN; own++) {
        @unroll for (var v = 0u; v < KERNEL; v++) {
          quads[(own * KERNEL + v) / 4u][(own * KERNEL + v) % 4u] = (*sums)[own][v][t];
        }
      }
      @unroll for (var q = 0u; q < SUM_QUADS; q++) {
        staged[lane * SUM_QUADS + q] = quads[q];
      }
    }
    workgroupBarrier();
    for (var i = lane; i < GROUPS * INPUTS * WINDOW; i += WORKGROUP) {
      let channel = i / (INPUTS * WINDOW);
      let weight = i % (INPUTS * WINDOW); // within the block
      let owner = weight / (OWN * KERNEL) * GROUPS + channel;
      var sum = 0.0;
      for (var share = 0u; share < SPLIT; share++) {
        let term = (share * (LINE_GROUPS * GROUPS) + owner) * (SUM_QUADS * 4u) + weight % (OWN * KERNEL);
        sum += staged[term / 4u][term % 4u];
      }
      let o = block.output + t * GROUPS + channel;
      let to = block.input * WINDOW + weight;
      if (o < OC) & (to < C * WINDOW) {
        parts[DW + (block.part * OC + o) * (C * WINDOW) + to] = sum;
      }
    }
  }
}

// store_bias does the same for the bias. `sum` is the lane's share of output channel lane % OUTPUTS.
fn store_bias(sum: vec4<f32>, block: Block, lane: u32) {
  workgroupBarrier();
  if lane < BIAS_SHARES * OUTPUTS {
    staged[lane] = sum;
  }
  workgroupBarrier();
  let o = block.output + lane;
  if (block.input == 0u) & (lane < OUTPUTS) & (o < OC) {
    var total = vec4<f32>(0.0);
    for (var share = 0u; share < BIAS_SHARES; share++) {
      total += staged[share * OUTPUTS + lane];
    }
    parts[DB + block.part * OC + o] = (total.x + total.y) + (total.z + total.w);
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward_weight(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                   @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number >= BLOCKS * PARTS {
    return;
  }
  let block = block_at(number);
  let place = place_of(lane);
  var sums: Sums;
  var bias: vec4<f32>;
  var next: Load;
  let last = min((block.part + 1u) * PART, TILES);
  load(&next, tile_of(block.part * PART), block, lane);
  for (var tile = block.part * PART; tile < last; tile++) {
    workgroupBarrier();
    stage(&next, lane);
    workgroupBarrier();
    if tile + 1u < last {
      load(&next, tile_of(tile + 1u), block, lane);
    }
    if place.share < SPLIT {
      for (var run = place.share; run < TILE_RUNS; run += SPLIT) {
        add_products(&sums, place, run);
      }
    }
    @if(BIAS) {
      if (block.input == 0u) & (lane < BIAS_SHARES * OUTPUTS) {
        for (var q = lane / OUTPUTS; q < TILE_RUNS * RUN_QUADS; q += BIAS_SHARES) {
          bias += staged[lane % OUTPUTS * DY_ROW + q];
        }
      }
    }
  }
  store_weights(&sums, block, place, lane);
  @if(BIAS) {
    store_bias(bias, block, lane);
  }
}

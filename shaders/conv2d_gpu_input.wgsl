// conv2d_gpu_input: the gradient of the input of a 2-D cross-correlation on a GPU. NCHW, f32.
//
//   binding  name    shape                        backward_input
//   0        dy      (N, OC, OH, OW)              read
//   1        packed  weights, see below           read
//   2        x       (N, C, H, W)                 read
//   3        dx      (N, C, H, W)                 write
//
// Constants from the host: N C H W OC OH OW KERNEL STRIDE PAD. MASK zeroes dx where x is not above
// 0, for an x that a ReLU made. WORKGROUP, and what the part conv_tile needs. The source of
// conv_tile is dy, its target is dx; conv_tile has the order of the weights. WHOLE_QUADS tells
// whether runs of dx are whole vec4s of memory.
//
// Row u of a window joins row i of dx to row (i + PAD - u) / STRIDE of dy, if that is whole. So
// every STRIDE-th row of the window joins a row of dx to dy, WINDOW_STEPS rows at most. WINDOW_ROWS
// of them are written out at a time: all, or one. The columns of the patch begin LEFT columns
// before the column of the tile divided by STRIDE.

#import conv_tile
#import shut
#import shut4

@group(0) @binding(0) var<storage, read> dy: array<f32>;
@group(0) @binding(1) var<storage, read> packed: array<vec4<f32>>;
@if(WHOLE_QUADS) @group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@if(!WHOLE_QUADS) @group(0) @binding(2) var<storage, read> x: array<f32>;
@if(WHOLE_QUADS) @group(0) @binding(3) var<storage, read_write> dx: array<vec4<f32>>;
@if(!WHOLE_QUADS) @group(0) @binding(3) var<storage, read_write> dx: array<f32>;

fn source_quad(i: u32, tile: Tile, chunk: u32) -> vec4<f32> {
  let r = i / SPAN;
  let n = tile.image + r / (RUNS * PATCH_ROWS * CHUNK);
  let o = chunk + r / (RUNS * PATCH_ROWS) % CHUNK;
  let row = i32((tile.row + PAD) / STRIDE + r / RUNS % PATCH_ROWS) - i32(WINDOW_STEPS - 1u);
  let first = i32((tile.column + r % RUNS * RUN) / STRIDE + i % SPAN * 4u) - i32(LEFT);
  let valid = (i < PIXEL_LOADS) & (n < N) & (o < OC) & (row >= 0) & (row < i32(OH));
  let line = i32((n * OC + o) * OH * OW) + row * i32(OW);
  var quad: vec4<f32>;
  @unroll for (var k = 0u; k < 4u; k++) {
    let column = first + i32(k);
    let inside = valid & (column >= 0) & (column < i32(OW));
    quad[k] = select(0.0, dy[select(0u, u32(line + column), inside)], inside);
  }
  return quad;
}

fn add_products(sums: ptr<function, Sums>, c: u32, place: Place, tile: Tile) {
  let phase = (tile.row + place.row + PAD) % STRIDE;
  let last = (tile.row + place.row + PAD) / STRIDE - (tile.row + PAD) / STRIDE + WINDOW_STEPS - 1u;
  for (var first = 0u; first < WINDOW_STEPS; first += WINDOW_ROWS) {
    @unroll for (var k = 0u; k < WINDOW_ROWS; k++) {
      let step = first + k;
      let u = phase + step * STRIDE;
      if u < KERNEL {
        let row = ((place.image * CHUNK + c) * PATCH_ROWS + last - step) * RUNS + place.run;
        let filter_row = (c * KERNEL + u) * (QUADS * GROUPS) + place.group;
        var value: array<vec4<f32>, SPAN>;
        @unroll for (var q = 0u; q < SPAN; q++) {
          value[q] = pixels[row][q];
        }
        @unroll for (var o = 0u; o < QUADS; o++) {
          var weight: array<vec4<f32>, KERNEL>;
          @unroll for (var v = 0u; v < KERNEL; v++) {
            weight[v] = filters[filter_row + o * GROUPS][v];
          }
          @unroll for (var j = 0u; j < RUN; j++) {
            // Only every STRIDE-th column of the window meets this column of dx.
            @unroll for (var t = 0u; t < (KERNEL + STRIDE - 1u - (j + PAD) % STRIDE) / STRIDE; t++) {
              (*sums)[o][j] += weight[(j + PAD) % STRIDE + t * STRIDE] * value[((j + PAD) / STRIDE + LEFT - t) / 4u][((j + PAD) / STRIDE + LEFT - t) % 4u];
            }
          }
        }
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward_input(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                  @builtin(local_invocation_index) lane: u32) {
  let tile = tile_of(group.y * groups.x + group.x);
  let place = place_of(lane);
  var sums: Sums;
  convolve(&sums, lane, place, tile, group.z);
  let n = tile.image + place.image;
  let row = tile.row + place.row;
  let column = tile.column + place.run * RUN;
  if (place.share != 0u) | (n >= N) | (row >= H) {
    return;
  }
  @unroll for (var o = 0u; o < QUADS; o++) {
    @unroll for (var m = 0u; m < 4u; m++) {
      let channel = ((group.z * QUADS + o) * GROUPS + place.group) * 4u + m;
      let at = ((n * C + channel) * H + row) * W + column;
      @if(WHOLE_QUADS) {
        @unroll for (var j = 0u; j < RUN / 4u; j++) {
          if (channel < C) & (column + 4u * j < W) {
            let value = vec4<f32>(sums[o][4u * j][m], sums[o][4u * j + 1u][m], sums[o][4u * j + 2u][m], sums[o][4u * j + 3u][m]);
            dx[at / 4u + j] = select(value, vec4<f32>(0.0), vec4<bool>(MASK) & shut4(x[at / 4u + j]));
          }
        }
      }
      @if(!WHOLE_QUADS) {
        @unroll for (var j = 0u; j < RUN; j++) {
          if (channel < C) & (column + j < W) {
            dx[at + j] = select(sums[o][j][m], 0.0, MASK & shut(x[at + j]));
          }
        }
      }
    }
  }
}

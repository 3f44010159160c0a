// conv_forward: the sums and the stores of a convolution's forward pass on a GPU. See conv_tile.
//
// Row u of a window belongs to phase u % STRIDE. The rows of a phase are neighbours in the patch,
// so that neighbouring rows of y read neighbouring rows there. A phase has PHASE_ROWS rows.
// WINDOW_ROWS rows of a window are written out at a time: all, or one.
//
// The bias follows the weights in `packed`, at FILTERS: a vec4 for each four channels. A convolution
// without a bias has zeros there.
//
// The importing file binds, besides what conv_tile needs,
//
//   y: array<vec4<f32>> if WHOLE_QUADS, else array<f32>   (N, OC, OH, OW)

#import conv_tile
#import shut
#import shut4

fn add_products(sums: ptr<function, Sums>, c: u32, place: Place, tile: Tile) {
  for (var first = 0u; first < KERNEL; first += WINDOW_ROWS) {
    @unroll for (var k = 0u; k < WINDOW_ROWS; k++) {
      let u = first + k;
      let row = ((place.image * CHUNK + c) * PATCH_ROWS + (u % STRIDE) * PHASE_ROWS + place.row + u / STRIDE) * RUNS + place.run;
      let filter_row = (c * KERNEL + u) * (QUADS * GROUPS) + place.group;
      var value: array<vec4<f32>, SPAN>;
      @unroll for (var q = 0u; q < SPAN; q++) {
        value[q] = pixels[row][q];
      }
      @unroll for (var o = 0u; o < QUADS; o++) {
        @unroll for (var v = 0u; v < KERNEL; v++) {
          let weight = filters[filter_row + o * GROUPS][v];
          @unroll for (var j = 0u; j < RUN; j++) {
            (*sums)[o][j] += weight * value[(j * STRIDE + v) / 4u][(j * STRIDE + v) % 4u];
          }
        }
      }
    }
  }
}

// SourcePlace is a vec4 of x. Its columns may lie beyond the map.
struct SourcePlace {
  image: u32,
  channel: u32,
  row: i32,
  column: i32, // the first of four
}

// source_place returns what vec4 i of the patch holds.
fn source_place(i: u32, tile: Tile, chunk: u32) -> SourcePlace {
  let r = i / SPAN;
  let patch_row = r / RUNS % PATCH_ROWS;
  return SourcePlace(
    tile.image + r / (RUNS * PATCH_ROWS * CHUNK),
    chunk + r / (RUNS * PATCH_ROWS) % CHUNK,
    i32((tile.row + patch_row % PHASE_ROWS) * STRIDE + patch_row / PHASE_ROWS) - i32(PAD),
    i32((tile.column + r % RUNS * RUN) * STRIDE + i % SPAN * 4u) - i32(PAD),
  );
}

// store_y writes the outputs of an invocation.
fn store_y(sums: ptr<function, Sums>, place: Place, tile: Tile, block: u32) {
  let n = tile.image + place.image;
  let row = tile.row + place.row;
  let column = tile.column + place.run * RUN;
  if (place.share != 0u) | (n >= N) | (row >= OH) {
    return;
  }
  @unroll for (var o = 0u; o < QUADS; o++) {
    let quad = (block * QUADS + o) * GROUPS + place.group;
    let bias = packed[FILTERS + min(quad, (OC - 1u) / 4u)];
    @unroll for (var m = 0u; m < 4u; m++) {
      let channel = quad * 4u + m;
      let at = ((n * OC + channel) * OH + row) * OW + column;
      @if(WHOLE_QUADS) {
        @unroll for (var j = 0u; j < RUN / 4u; j++) {
          if (channel < OC) & (column + 4u * j < OW) {
            let value = vec4<f32>((*sums)[o][4u * j][m], (*sums)[o][4u * j + 1u][m], (*sums)[o][4u * j + 2u][m], (*sums)[o][4u * j + 3u][m]) + bias[m];
            y[at / 4u + j] = select(value, vec4<f32>(0.0), vec4<bool>(RELU) & shut4(value));
          }
        }
      }
      @if(!WHOLE_QUADS) {
        @unroll for (var j = 0u; j < RUN; j++) {
          if (channel < OC) & (column + j < OW) {
            let value = (*sums)[o][j][m] + bias[m];
            y[at + j] = select(value, 0.0, RELU & shut(value));
          }
        }
      }
    }
  }
}

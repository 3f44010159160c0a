// conv_tile: how a workgroup of a GPU computes a tile of a convolution: of the output of a forward
// pass, or of the gradient of the input.
//
// The source is the tensor that is read, (N, SOURCE_C, .., ..). The target is the tensor that is
// computed. A tile has TILE_ROWS rows of RUNS runs of RUN neighbouring columns, in each of IMAGES
// images. A map has TILES_Y x TILES_X tiles. The workgroup computes the tile for CHANNELS target
// channels, a block.
//
// An invocation computes a run for QUADS groups of four channels; the groups are GROUPS apart. Its
// sums stay in registers, as vec4s of four channels. SPLIT invocations share a sum: each takes
// every SPLIT-th source channel. THREADS invocations have the same share.
//
// The workgroup copies CHUNK source channels to its memory: the patch of the source that the tile
// needs, and the weights. While it computes with them, it loads the next chunk to registers. Each
// run has its own columns of the patch, SPAN vec4s, so that no vec4 is cut. In memory they take
// PIXEL_ROW vec4s, an odd number, so that neighbouring invocations read other banks. A channel has
// PATCH_ROWS rows.
//
// `packed` holds the weights in the order in which they are copied:
//
//   (blocks, SOURCE_C, KERNEL, QUADS * GROUPS, FILTER_ROW) vec4s of four target channels
//
// The KERNEL columns of a window are neighbours, and zeros fill the FILTER_ROW, an odd number. The
// whole has FILTERS vec4s. PIXEL_LOADS and FILTER_LOADS are the vec4s of a chunk; PIXEL_TURNS and
// FILTER_TURNS are those that an invocation loads of them.
//
// The importing file binds `packed: array<vec4<f32>>`, and defines
//
//   fn source_quad(i: u32, tile: Tile, chunk: u32) -> vec4<f32>
//     vec4 i of the patch for the chunk of channels that begins at `chunk`; 0 beyond the tensor
//   fn add_products(sums: ptr<function, Sums>, c: u32, place: Place, tile: Tile)
//     adds the products of channel c of the chunk to the sums of an invocation

#import tiles

// Place is what an invocation computes within the tile.
struct Place {
  image: u32,
  row: u32,
  run: u32,
  group: u32,
  share: u32,
}

alias Sums = array<array<vec4<f32>, RUN>, QUADS>;

var<workgroup> pixels: array<array<vec4<f32>, PIXEL_ROW>, PIXEL_ROWS>;
var<workgroup> filters: array<array<vec4<f32>, FILTER_ROW>, FILTER_ROWS>; // and sums later

fn place_of(lane: u32) -> Place {
  let slot = lane % THREADS % (IMAGES * TILE_ROWS * RUNS);
  return Place(slot / (TILE_ROWS * RUNS), slot / RUNS % TILE_ROWS, slot % RUNS, lane % THREADS / (IMAGES * TILE_ROWS * RUNS), lane / THREADS);
}

// filter_quad returns vec4 i of the weights for a chunk. It may lie behind the last channel; then
// no invocation uses it.
fn filter_quad(i: u32, block: u32, chunk: u32) -> vec4<f32> {
  return packed[min((block * SOURCE_C + chunk) * (KERNEL * QUADS * GROUPS * FILTER_ROW) + i, FILTERS - 1u)];
}

// convolve adds up the sums of an invocation. Those of share 0 are complete. All invocations of a
// workgroup call it together.
fn convolve(sums: ptr<function, Sums>, lane: u32, place: Place, tile: Tile, block: u32) {
  var next_pixels: array<vec4<f32>, PIXEL_TURNS>;
  var next_filters: array<vec4<f32>, FILTER_TURNS>;
  @unroll for (var i = 0u; i < PIXEL_TURNS; i++) {
    next_pixels[i] = source_quad(lane + i * WORKGROUP, tile, 0u);
  }
  @unroll for (var i = 0u; i < FILTER_TURNS; i++) {
    next_filters[i] = filter_quad(lane + i * WORKGROUP, block, 0u);
  }
  for (var chunk = 0u; chunk < SOURCE_C; chunk += CHUNK) {
    workgroupBarrier();
    @unroll for (var i = 0u; i < PIXEL_TURNS; i++) {
      let at = lane + i * WORKGROUP;
      if at < PIXEL_LOADS {
        pixels[at / SPAN][at % SPAN] = next_pixels[i];
      }
    }
    @unroll for (var i = 0u; i < FILTER_TURNS; i++) {
      let at = lane + i * WORKGROUP;
      if at < FILTER_LOADS {
        filters[at / FILTER_ROW][at % FILTER_ROW] = next_filters[i];
      }
    }
    workgroupBarrier();
    if chunk + CHUNK < SOURCE_C {
      @unroll for (var i = 0u; i < PIXEL_TURNS; i++) {
        next_pixels[i] = source_quad(lane + i * WORKGROUP, tile, chunk + CHUNK);
      }
      @unroll for (var i = 0u; i < FILTER_TURNS; i++) {
        next_filters[i] = filter_quad(lane + i * WORKGROUP, block, chunk + CHUNK);
      }
    }
    for (var c = place.share; c < min(CHUNK, SOURCE_C - chunk); c += SPLIT) {
      add_products(sums, c, place, tile);
    }
  }
  @if(SHARED) {
    add_shares(sums, lane, place.share);
  }
}

// add_shares adds the sums of all shares to those of share 0, in order.
@if(SHARED) fn add_shares(sums: ptr<function, Sums>, lane: u32, share: u32) {
  workgroupBarrier();
  if (share > 0u) & (share < SPLIT) {
    @unroll for (var o = 0u; o < QUADS; o++) {
      @unroll for (var j = 0u; j < RUN; j++) {
        let at = ((share - 1u) * (QUADS * RUN) + o * RUN + j) * THREADS + lane % THREADS;
        filters[at / FILTER_ROW][at % FILTER_ROW] = (*sums)[o][j];
      }
    }
  }
  workgroupBarrier();
  if share == 0u {
    for (var other = 0u; other < SPLIT - 1u; other++) {
      @unroll for (var o = 0u; o < QUADS; o++) {
        @unroll for (var j = 0u; j < RUN; j++) {
          let at = (other * (QUADS * RUN) + o * RUN + j) * THREADS + lane;
          (*sums)[o][j] += filters[at / FILTER_ROW][at % FILTER_ROW];
        }
      }
    }
  }
}

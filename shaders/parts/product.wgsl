// product: the product of two matrices on a GPU.
//
//   sum[r,c] = sum over k of left[r,k] * right[k,c]
//
// A workgroup computes a tile: 4*ROW_QUADS rows and 4*COLUMN_QUADS columns. A product has TILES tiles,
// ACROSS of them side by side. The DEPTH values of k are divided into PARTS parts of PART values; the
// last may have fewer. Each part has tiles and sums of its own.
//
// The workgroup copies CHUNK values of k at a time to its memory: for each k ROW_QUADS vec4s of four
// neighbouring rows, then COLUMN_QUADS vec4s of four neighbouring columns. These take ROW vec4s, an
// odd number, so that neighbouring k lie in other banks. There are LOADS vec4s in all. While the
// workgroup computes with one chunk, it loads the next to registers: TURNS vec4s in each invocation.
// LEFT_ALONG_K says that neighbouring k of the left matrix are neighbours in memory. Then
// neighbouring invocations load these, else they load neighbouring rows. RIGHT_ALONG_K says the
// same of the right matrix.
//
// An invocation computes four rows and four columns. Its sums stay in registers. SHARES invocations
// share each sum: an invocation takes every SHARES-th k of a chunk. STAGED is the vec4s of the
// workgroup's memory. The importing file has these constants and WORKGROUP, and defines
//
//   fn left(row: u32, k: u32) -> f32        a value of the left matrix; 0 beyond its rows
//   fn right(k: u32, column: u32) -> f32    a value of the right matrix; 0 beyond its columns
//   fn store(part: u32, row: u32, column: u32, sum: f32)   stores a sum, unless it is beyond the product

var<workgroup> staged: array<vec4<f32>, STAGED>; // a chunk, and shares of sums later

alias Sums = array<vec4<f32>, 4>; // four rows of four columns

struct Tile {
  part: u32,
  row: u32,
  column: u32,
}

// Slot is the place of a vec4 within a chunk.
struct Slot {
  k: u32,
  quad: u32, // the rows' quads come first
}

fn slot(i: u32) -> Slot {
  if i < CHUNK * ROW_QUADS {
    if LEFT_ALONG_K {
      return Slot(i % CHUNK, i / CHUNK);
    }
    return Slot(i / ROW_QUADS, i % ROW_QUADS);
  }
  let j = i - CHUNK * ROW_QUADS;
  if RIGHT_ALONG_K {
    return Slot(j % CHUNK, ROW_QUADS + j / CHUNK);
  }
  return Slot(j / COLUMN_QUADS, ROW_QUADS + j % COLUMN_QUADS);
}

// load loads what an invocation stages of the chunk that begins at k. It is 0 from `last` on.
fn load(next: ptr<function, array<vec4<f32>, TURNS>>, tile: Tile, k: u32, last: u32, lane: u32) {
  @unroll for (var turn = 0u; turn < TURNS; turn++) {
    let s = slot(lane + turn * WORKGROUP);
    var quad: vec4<f32>;
    if (lane + turn * WORKGROUP < LOADS) & (k + s.k < last) {
      @unroll for (var i = 0u; i < 4u; i++) {
        if s.quad < ROW_QUADS {
          quad[i] = left(tile.row + 4u * s.quad + i, k + s.k);
        } else {
          quad[i] = right(k + s.k, tile.column + 4u * (s.quad - ROW_QUADS) + i);
        }
      }
    }
    (*next)[turn] = quad;
  }
}

// stage writes it to the workgroup's memory.
fn stage(next: ptr<function, array<vec4<f32>, TURNS>>, lane: u32) {
  @unroll for (var turn = 0u; turn < TURNS; turn++) {
    if lane + turn * WORKGROUP < LOADS {
      let s = slot(lane + turn * WORKGROUP);
      staged[s.k * ROW + s.quad] = (*next)[turn];
    }
  }
}

// add_products adds the products of an invocation's share of the staged chunk to its sums.
fn add_products(sums: ptr<function, Sums>, lane: u32) {
  let share = lane / (ROW_QUADS * COLUMN_QUADS);
  for (var i = 0u; i < CHUNK / SHARES; i++) {
    let at = (i * SHARES + share) * ROW;
    let rows = staged[at + lane / COLUMN_QUADS % ROW_QUADS];
    let columns = staged[at + ROW_QUADS + lane % COLUMN_QUADS];
    (*sums)[0] += rows.x * columns;
    (*sums)[1] += rows.y * columns;
    (*sums)[2] += rows.z * columns;
    (*sums)[3] += rows.w * columns;
  }
}

// store_sums adds the shares of the sums, and stores them row by row.
fn store_sums(sums: ptr<function, Sums>, tile: Tile, lane: u32) {
  @unroll for (var r = 0u; r < 4u; r++) {
    var sum = (*sums)[r];
    if SHARES > 1u {
      workgroupBarrier();
      staged[lane] = sum;
      workgroupBarrier();
    }
    if lane < ROW_QUADS * COLUMN_QUADS {
      for (var share = 1u; share < SHARES; share++) {
        sum += staged[share * (ROW_QUADS * COLUMN_QUADS) + lane];
      }
      let row = tile.row + lane / COLUMN_QUADS * 4u + r;
      let column = tile.column + lane % COLUMN_QUADS * 4u;
      store(tile.part, row, column, sum.x);
      store(tile.part, row, column + 1u, sum.y);
      store(tile.part, row, column + 2u, sum.z);
      store(tile.part, row, column + 3u, sum.w);
    }
  }
}

// product computes a tile: that of the workgroup's number. Numbers beyond the last have none.
fn product(number: u32, lane: u32) {
  if number >= TILES * PARTS {
    return;
  }
  let place = number % TILES;
  let tile = Tile(number / TILES, place / ACROSS * (4u * ROW_QUADS), place % ACROSS * (4u * COLUMN_QUADS));
  let last = min((tile.part + 1u) * PART, DEPTH);
  var sums: Sums;
  var next: array<vec4<f32>, TURNS>;
  load(&next, tile, tile.part * PART, last, lane);
  for (var k = tile.part * PART; k < last; k += CHUNK) {
    workgroupBarrier();
    stage(&next, lane);
    workgroupBarrier();
    load(&next, tile, k + CHUNK, last, lane);
    add_products(&sums, lane);
  }
  store_sums(&sums, tile, lane);
}

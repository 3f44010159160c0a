// quintic: a step of Muon's iteration for some quads of columns of X.
//
//   X = 3.4445 X + (-4.7750 A + 2.0315 A A) X    A = X X'
//
// A workgroup needs all rows of A, and its own columns of X. It computes A X and then A (A X). An invocation
// computes items: an item is a row of a quad of columns. It has ITEMS of them, at most.
//
// The importing file has the constants ITEMS, STAGED, the most items of a tile, and WORKGROUP. It imports
// matrix_tiles, and binds
//
//   x: array<f32>   the matrices X
//   a: array<f32>   A of each

const LINEAR = 3.4445;
const CUBIC = -4.775;
const QUINTIC = 2.0315;

var<workgroup> staged: array<vec4<f32>, STAGED>; // a vec4 for each item

alias Items = array<vec4<f32>, ITEMS>;

// Scale is what x and a are multiplied by to be X and A.
struct Scale {
  x: f32,
  a: f32,
}

// Item is a row of X and the first of four columns.
struct Item {
  row: u32,
  column: u32,
  live: bool,
}

fn item_of(tile: Tile, number: u32) -> Item {
  return Item(number % tile.rows, tile.column + number / tile.rows * 4u, number < tile.quads * tile.rows);
}

// quad_of returns four neighbours of a row of x, and 0 behind the last column.
fn quad_of(tile: Tile, item: Item) -> vec4<f32> {
  var quad: vec4<f32>;
  @unroll for (var i = 0u; i < 4u; i++) {
    if item.column + i < tile.columns {
      quad[i] = x[tile.first + item.row * tile.row_step + (item.column + i) * tile.column_step];
    }
  }
  return quad;
}

// times_a returns a row of A times what is staged for an item's columns.
fn times_a(tile: Tile, item: Item) -> vec4<f32> {
  let quad = (item.column - tile.column) / 4u * tile.rows;
  var sum: vec4<f32>;
  for (var k = 0u; k < tile.rows; k++) {
    sum += a[tile.square + k * tile.rows + item.row] * staged[quad + k]; // A is symmetric
  }
  return sum;
}

// quintic leaves the next X of an invocation's items. All lanes of a workgroup call it together.
fn quintic(next: ptr<function, Items>, tile: Tile, lane: u32, scale: Scale) {
  @unroll for (var turn = 0u; turn < ITEMS; turn++) {
    let item = item_of(tile, lane + turn * WORKGROUP);
    if item.live {
      staged[lane + turn * WORKGROUP] = scale.x * quad_of(tile, item);
    }
  }
  workgroupBarrier();
  var product: Items;
  @unroll for (var turn = 0u; turn < ITEMS; turn++) {
    let item = item_of(tile, lane + turn * WORKGROUP);
    if item.live {
      product[turn] = scale.a * times_a(tile, item);
      (*next)[turn] = LINEAR * staged[lane + turn * WORKGROUP] + CUBIC * product[turn];
    }
  }
  workgroupBarrier();
  @unroll for (var turn = 0u; turn < ITEMS; turn++) {
    if lane + turn * WORKGROUP < tile.quads * tile.rows {
      staged[lane + turn * WORKGROUP] = product[turn];
    }
  }
  workgroupBarrier();
  @unroll for (var turn = 0u; turn < ITEMS; turn++) {
    let item = item_of(tile, lane + turn * WORKGROUP);
    if item.live {
      (*next)[turn] += QUINTIC * scale.a * times_a(tile, item);
    }
  }
}

// matrix_tiles: the table of the matrices that Muon changes, a tile for each workgroup.
//
// A matrix X is a parameter (out, rest), or its transpose if out is greater than rest. So X has no more rows
// than columns. x holds it in the order of the parameter. The importing file binds
//
//   tiles: array<u32>

struct Tile {
  first: u32,       // index of the parameter's first value in x and w
  rows: u32,        // of X
  columns: u32,     // of X
  row_step: u32,    // in x, from one row of X to the next
  column_step: u32, // and from one column to the next
  square: u32,      // index of the first value of A = X X' in a
  row: u32,         // the first row of the tile
  column: u32,      // its first column
  quads: u32,       // how many quads of columns it has
  block: u32,       // number of the parameter's first block
  out: u32,         // rows of the parameter
  places: u32,      // index in tiles of the places of the parameter's first value in packed copies; NO_PLACES if no copy holds it
}

const TILE_WORDS = 12u;
const NO_PLACES = 0xffffffffu; // marks the lack of places, or of one

fn tile_at(number: u32) -> Tile {
  let i = number * TILE_WORDS;
  return Tile(tiles[i], tiles[i + 1u], tiles[i + 2u], tiles[i + 3u], tiles[i + 4u], tiles[i + 5u], tiles[i + 6u], tiles[i + 7u], tiles[i + 8u], tiles[i + 9u], tiles[i + 10u], tiles[i + 11u]);
}

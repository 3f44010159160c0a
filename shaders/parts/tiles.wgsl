// tiles: the tiles that workgroups of a GPU cut a batch of maps into. A tile has TILE_ROWS rows of RUNS
// runs of RUN neighbouring columns, in each of IMAGES images. A map has TILES_Y x TILES_X tiles.

struct Tile {
  image: u32, // the first
  row: u32,
  column: u32,
}

fn tile_of(number: u32) -> Tile {
  return Tile(number / (TILES_X * TILES_Y) * IMAGES, number / TILES_X % TILES_Y * TILE_ROWS, number % TILES_X * (RUNS * RUN));
}

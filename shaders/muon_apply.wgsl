// muon_apply: ends a training step by Muon: the last step of the iteration, and the new weights. f32.
//
//   binding  name     shape                                      apply
//   0        tiles    TILES tiles, places behind them            read
//   1        x        the matrices X, and at SQUARES: see muon   read
//   2        a        A = X X' of each                           read
//   3        w        all parameters                             read_write
//   4        rates    (EPOCHS, STEPS, GROUPS)                    read
//   5        tally    losses (N, 2), metrics (EPOCHS, STEPS, 2)  read_write
//   6        counter  (4)                                        read_write
//   7        packed   copies of w in other orders, if PACKED     write
//
// Constants from the host: MATRICES is the group of the matrices; N rows a batch, an epoch has COUNT in STEPS
// batches; EPOCHS are held in rates and metrics; GROUPS of parameters; SQUARES VALUES PACKED ITEMS STAGED
// WORKGROUP; TILES.
//
//   w = sqrt(out) w / |w| - lr X
//
// A parameter that is 0 has no direction: it stays 0 before the step. The workgroup behind the last tile counts
// the step.

#import count_step
#import matrix_tiles
#import quintic
#import tree_sum

@group(0) @binding(0) var<storage, read> tiles: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read_write> w: array<f32>;
@group(0) @binding(4) var<storage, read> rates: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> tally: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read_write> counter: array<u32>;
@group(0) @binding(7) var<storage, read_write> packed: array<f32>;

// factor returns what the weights of a matrix are multiplied by. Their squares have been summed by blocks.
fn factor(tile: Tile, lane: u32) -> f32 {
  let blocks = (tile.rows * tile.columns + VALUES - 1u) / VALUES;
  var squares = 0.0;
  for (var i = lane; i < blocks; i += WORKGROUP) {
    squares += x[SQUARES + tile.block + i];
  }
  squares = tree_sum(squares, lane);
  return select(1.0, sqrt(f32(tile.out)) / sqrt(squares), squares > 0.0);
}

// store writes value i of a parameter, and its copies.
fn store(tile: Tile, i: u32, value: f32) {
  w[tile.first + i] = value;
  @if(PACKED) {
    if tile.places != NO_PLACES {
      let places = vec2<u32>(tiles[tile.places + 2u * i], tiles[tile.places + 2u * i + 1u]);
      if places.x != NO_PLACES {
        packed[places.x] = value;
      }
      if places.y != NO_PLACES {
        packed[places.y] = value;
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn apply(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
         @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < TILES {
    let tile = tile_at(number);
    let kept = factor(tile, lane);
    let lr = rates[slot() * GROUPS + MATRICES].x;
    var next: Items;
    quintic(&next, tile, lane, Scale(1.0, 1.0));
    @unroll for (var turn = 0u; turn < ITEMS; turn++) {
      let item = item_of(tile, lane + turn * WORKGROUP);
      @unroll for (var j = 0u; j < 4u; j++) {
        if item.live && item.column + j < tile.columns {
          let i = item.row * tile.row_step + (item.column + j) * tile.column_step;
          store(tile, i, kept * w[tile.first + i] - lr * next[turn][j]);
        }
      }
    }
  } else if number == TILES {
    count_step(lane);
  }
}

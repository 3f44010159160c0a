// stage: a convolution whose source, weights and sums lie in the memory of one workgroup. A file
// imports this part under a name for each of its convolutions; the name takes the place of each $.
//
// The source is the maps that are read, $SOURCE_C of them. The target is the maps that are
// computed, $TARGET_C of $HEIGHT x $WIDTH pixels, $MAP in all. A unit is a run of $RUN neighbouring
// columns of four target channels; a row has $RUNS runs. There are $UNITS units. An invocation computes
// $TURNS of them, $THREADS units apart. Its sums stay in registers, as vec4s of four channels. If
// $SHARED, $SPLIT invocations share a sum: each takes every $SPLIT-th row of the windows.
//
// The source lies in `memory` from $SOURCE on: (SOURCE_C, PATCH_ROWS, PIXEL_ROW) vec4s of
// neighbouring columns, with its padding. $CHUNK channels of weights at a time lie from $WEIGHTS
// on: (blocks, CHUNK, KERNEL, GROUPS, FILTER_ROW) vec4s of four target channels, $LOADS in all.
// While the workgroup computes with them, each invocation loads $LOAD_TURNS vec4s of the next
// chunk. Shares of sums lie from $SHARES on. Rows have odd lengths, so that neighbours lie in
// other banks.
//
// The weights come from `packed` in the order of the part conv_tile, from $PACKED on; the whole has
// $FILTERS vec4s. A window has at most $STEPS rows that meet a row of the target.
//
// The importing file declares
//
//   var<workgroup> memory: array<vec4<f32>, MEMORY>, packed: array<vec4<f32>>, and WORKGROUP
//   fn $add_row(sums: ptr<function, $Sums>, lane: u32, c: u32, k: u32, step: u32)
//     adds the products of a row of the windows: see stage_forward and stage_backward
//   fn $put(channel: u32, row: u32, column: u32, value: f32)   takes a value of the target

alias $Sums = array<array<vec4<f32>, $RUN>, $TURNS>;
alias $Weights = array<vec4<f32>, $LOAD_TURNS>;

struct $Unit {
  four: u32, // of the target's channels
  row: u32,
  run: u32,
}

fn $unit_of(lane: u32, turn: u32) -> $Unit {
  let number = min(lane % $THREADS + turn * $THREADS, $UNITS - 1u);
  return $Unit(number / ($HEIGHT * $RUNS), number / $RUNS % $HEIGHT, number % $RUNS);
}

// $filter_row returns where row u of the window of channel k of the chunk lies.
fn $filter_row(k: u32, u: u32, four: u32) -> u32 {
  return $WEIGHTS + (((four / $GROUPS * $CHUNK + k) * $KERNEL + u) * $GROUPS + four % $GROUPS) * $FILTER_ROW;
}

// $load loads an invocation's vec4s of the weights for a chunk. Behind the last channel it loads some
// other weights, which no invocation uses.
fn $load(next: ptr<function, $Weights>, lane: u32, chunk: u32) {
  let block_loads = $CHUNK * $KERNEL * $GROUPS * $FILTER_ROW;
  @unroll for (var i = 0u; i < $LOAD_TURNS; i++) {
    let at = lane + i * WORKGROUP;
    let first = (at / block_loads * $SOURCE_C + chunk) * ($KERNEL * $GROUPS * $FILTER_ROW);
    (*next)[i] = packed[$PACKED + min(first + at % block_loads, $FILTERS - 1u)];
  }
}

// $convolve adds the products of all channels to the sums of an invocation. Those of the first
// $THREADS invocations are complete. `next` holds the weights of the first chunk.
fn $convolve(sums: ptr<function, $Sums>, next: ptr<function, $Weights>, lane: u32) {
  for (var chunk = 0u; chunk < $SOURCE_C; chunk += $CHUNK) {
    workgroupBarrier();
    @unroll for (var i = 0u; i < $LOAD_TURNS; i++) {
      if lane + i * WORKGROUP < $LOADS {
        memory[$WEIGHTS + lane + i * WORKGROUP] = (*next)[i];
      }
    }
    workgroupBarrier();
    if chunk + $CHUNK < $SOURCE_C {
      $load(next, lane, chunk + $CHUNK);
    }
    for (var t = lane / $THREADS; t < min($CHUNK, $SOURCE_C - chunk) * $STEPS; t += $SPLIT) {
      $add_row(sums, lane, chunk + t / $STEPS, t / $STEPS, t % $STEPS);
    }
  }
  workgroupBarrier();
  @if($SHARED) {
    let share = lane / $THREADS;
    if (share > 0u) & (share < $SPLIT) {
      @unroll for (var j = 0u; j < $RUN; j++) {
        memory[$SHARES + ((share - 1u) * $RUN + j) * $THREADS + lane % $THREADS] = (*sums)[0][j];
      }
    }
    workgroupBarrier();
    if share == 0u {
      for (var other = 0u; other < $SPLIT - 1u; other++) {
        @unroll for (var j = 0u; j < $RUN; j++) {
          (*sums)[0][j] += memory[$SHARES + (other * $RUN + j) * $THREADS + lane];
        }
      }
    }
  }
}

// $put_all hands the sums of an invocation to $put.
fn $put_all(sums: ptr<function, $Sums>, lane: u32) {
  @unroll for (var turn = 0u; turn < $TURNS; turn++) {
    let unit = $unit_of(lane, turn);
    if (lane < $THREADS) & (lane + turn * $THREADS < $UNITS) {
      @unroll for (var m = 0u; m < 4u; m++) {
        @unroll for (var j = 0u; j < $RUN; j++) {
          if (unit.four * 4u + m < $TARGET_C) & (unit.run * $RUN + j < $WIDTH) {
            $put(unit.four * 4u + m, unit.row, unit.run * $RUN + j, (*sums)[turn][j][m]);
          }
        }
      }
    }
  }
}

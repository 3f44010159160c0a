// augment: the random change of an image in a training step. It depends on the seed, the epoch and the
// number of the row in the data set alone.
//
// The image is mirrored, or not. Then it is moved: it gets SHIFT more pixels on each side by reflection,
// as torch's pad in the mode "reflect" has it, and IMAGE_HEIGHT x IMAGE_WIDTH pixels are cut out of
// that, from a random place on. Then a square of CUTOUT x CUTOUT pixels becomes 0: its rows begin
// CUTOUT / 2 before a random pixel, and so do its columns. What lies outside of the image is cut off.
//
// The random words come from stream 0. Those of place 0 give what is drawn anew in each epoch: the first
// bit of the first word mirrors if FLIP_RANDOM; the halves of the second word give the place that is
// cut out, those of the third the pixel. If FLIP_ALTERNATES, the first bit of place 1 in epoch 0
// mirrors the even epochs, or the odd ones.
//
// Constants from the host: FLIP_RANDOM FLIP_ALTERNATES SHIFT CUTOUT IMAGE_HEIGHT IMAGE_WIDTH.

#import random

struct Change {
  mirrored: bool,
  row: u32, // of the padded image, where the cut begins
  column: u32,
  hole_row: u32, // of the image, in the middle of what becomes 0
  hole_column: u32,
}

// below returns one of the numbers below a limit of at most 65536 for a half of a random word.
fn below(half: u32, limit: u32) -> u32 {
  return (half * limit) >> 16u;
}

fn change_of(seed: vec2<u32>, epoch: u32, row: u32) -> Change {
  let words = random_words(vec4<u32>(seed, 0u, epoch), row, 0u);
  var change: Change;
  change.mirrored = FLIP_RANDOM & ((words.x & 1u) == 1u);
  @if(FLIP_ALTERNATES) {
    change.mirrored = ((random_words(vec4<u32>(seed, 0u, 0u), row, 1u).x ^ epoch) & 1u) == 1u;
  }
  change.row = below(words.y & 0xffffu, 2u * SHIFT + 1u);
  change.column = below(words.y >> 16u, 2u * SHIFT + 1u);
  change.hole_row = below(words.z & 0xffffu, IMAGE_HEIGHT);
  change.hole_column = below(words.z >> 16u, IMAGE_WIDTH);
  return change;
}

// reflected returns which of `size` pixels stands at a place of the padded row or column.
fn reflected(place: u32, size: u32) -> u32 {
  let i = u32(abs(i32(place) - i32(SHIFT)));
  return min(i, 2u * (size - 1u) - i);
}

// moved returns which pixel of the image comes to a pixel.
fn moved(change: Change, pixel: u32) -> u32 {
  let column = reflected(pixel % IMAGE_WIDTH + change.column, IMAGE_WIDTH);
  return reflected(pixel / IMAGE_WIDTH + change.row, IMAGE_HEIGHT) * IMAGE_WIDTH + select(column, IMAGE_WIDTH - 1u - column, change.mirrored);
}

// cut tells whether a pixel becomes 0.
fn cut(change: Change, pixel: u32) -> bool {
  let row = pixel / IMAGE_WIDTH + CUTOUT / 2u - change.hole_row;
  let column = pixel % IMAGE_WIDTH + CUTOUT / 2u - change.hole_column;
  return (row < CUTOUT) & (column < CUTOUT); // a number below 0 is a large u32
}

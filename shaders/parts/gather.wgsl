// gather: takes the rows of a step's batch out of a data set, and turns their bytes into floats.
//
//   value = (byte / 255 - mean[c]) / deviation[c]
//
// The importing file has the constants N, CHANNELS, PIXELS, COUNT, ORDERS, LABELS and AUGMENT, and binds
//
//   images: array<u32>    (COUNT, CHANNELS, PIXELS) of bytes, four to a word
//   rows: array<u32>      (ORDERS, COUNT): the rows of an epoch in their order, a ring of epochs;
//                         and from LABELS on the labels of the images
//   counter: array<u32>   (6), read_write: the next step within its epoch, and its epoch; the same
//                         of the step on its way; the seed, low word first
//   moments: array<f32>   (2, CHANNELS): mean, deviation
//
// A part of these functions needs a part of the bindings: begin_step and batch_rows only counter;
// batch_row and batch_label also rows; pixel_value and pixel_quad images and moments.
//
// If AUGMENT, the images change as the part augment says. The numbers of the rows in the data set stand
// in `rows` from NUMBERS on if NUMBERED, because the images are those of a ring. Otherwise they are the
// indices. The file has the constants NUMBERED, NUMBERS and those of that part.

@if(AUGMENT) #import augment

@if(!AUGMENT) struct BatchRow {
  index: u32,    // in the data set; 0 if it is missing
  missing: bool, // the last batch of an epoch lacks this row
}
@if(AUGMENT) struct BatchRow {
  index: u32,
  missing: bool,
  change: Change,
}

// begin_step begins the next step: it copies the counter's first two words behind them. One
// invocation of the dispatch calls it. The words that batch_row reads stay as they are.
fn begin_step() {
  counter[2] = counter[0];
  counter[3] = counter[1];
}

// batch_row returns row n of the next step's batch.
fn batch_row(n: u32) -> BatchRow {
  let position = counter[0] * N + n; // within the epoch
  let missing = position >= COUNT;
  @if(!AUGMENT) return BatchRow(rows[counter[1] % ORDERS * COUNT + select(position, 0u, missing)], missing);
  @if(AUGMENT) return changed_row(rows[counter[1] % ORDERS * COUNT + select(position, 0u, missing)], missing);
}

@if(AUGMENT) fn changed_row(index: u32, missing: bool) -> BatchRow {
  @if(NUMBERED) let number = rows[NUMBERS + index];
  @if(!NUMBERED) let number = index;
  return BatchRow(index, missing, change_of(vec2<u32>(counter[4], counter[5]), counter[1], number));
}

// batch_rows returns how many rows of the next step's batch are real.
fn batch_rows() -> u32 {
  return min(N, COUNT - counter[0] * N);
}

// batch_label returns the label of a row, and 0 if the row is missing.
fn batch_label(row: BatchRow) -> u32 {
  return select(rows[LABELS + row.index], 0u, row.missing);
}

// pixel_value returns a pixel of channel c, and 0 if the row is missing.
fn pixel_value(row: BatchRow, c: u32, pixel: u32) -> f32 {
  @if(!AUGMENT) let at = (row.index * CHANNELS + c) * PIXELS + pixel;
  @if(AUGMENT) let at = (row.index * CHANNELS + c) * PIXELS + moved(row.change, pixel);
  let byte = (images[at / 4u] >> (at % 4u * 8u)) & 0xffu;
  @if(!AUGMENT) let hidden = row.missing;
  @if(AUGMENT) let hidden = row.missing | cut(row.change, pixel);
  return select((f32(byte) / 255.0 - moments[c]) / moments[CHANNELS + c], 0.0, hidden);
}

// pixel_quad returns four neighbouring pixels of channel c, and zeros if the row is missing. PIXELS
// and `pixel`, the first of the four, are multiples of 4.
@if(!AUGMENT) fn pixel_quad(row: BatchRow, c: u32, pixel: u32) -> vec4<f32> {
  let word = images[((row.index * CHANNELS + c) * PIXELS + pixel) / 4u];
  let bytes = (vec4<u32>(word) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu);
  let values = (vec4<f32>(bytes) / 255.0 - moments[c]) / moments[CHANNELS + c];
  return select(values, vec4<f32>(0.0), row.missing);
}

@if(AUGMENT) fn pixel_quad(row: BatchRow, c: u32, pixel: u32) -> vec4<f32> {
  return vec4<f32>(pixel_value(row, c, pixel), pixel_value(row, c, pixel + 1u), pixel_value(row, c, pixel + 2u), pixel_value(row, c, pixel + 3u));
}

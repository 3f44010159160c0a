// count: ends a step that changes no parameters. f32.
//
//   binding  name     shape                                      count
//   0        tally    losses (N, 2), metrics (EPOCHS, STEPS, 2)  read_write
//   1        counter  (6)                                        read_write
//
// Constants from the host: N rows a batch, an epoch has COUNT in STEPS batches; EPOCHS are held in
// the metrics; WORKGROUP.

#import count_step

@group(0) @binding(0) var<storage, read_write> tally: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read_write> counter: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn count(@builtin(local_invocation_index) lane: u32) {
  count_step(lane);
}

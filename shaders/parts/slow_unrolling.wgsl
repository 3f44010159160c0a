// slow_unrolling: works around a driver's bug. Some drivers unroll a whole nest of loops if they
// can see that its bounds are small, even behind a min(), and compile for seconds.
//
// The importing file defines
//
//   fn bound_length() -> u32   the length of an array that every entry point with an unseen()
//                              binds: above 0, and unknown to the compiler

// unseen returns n, the bound of a loop, in a way that no compiler can evaluate.
fn unseen(n: u32) -> u32 {
  return select(0u, n, bound_length() > 0u);
}

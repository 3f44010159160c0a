// random: random numbers that depend on a key and a place alone. They are Threefry4x32-20 of Salmon,
// Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011). Threefry needs additions,
// rotations and exclusive ors of u32 alone. Philox of the same paper needs the high halves of products,
// which WGSL does not have.
//
// The key is (the seed's low word, its high word, stream, epoch). A stream is what the numbers are for. The counter
// is (row, place, 0, 0).

// threefry_round mixes the halves (x0, x2) and (x1, x3) of the state.
fn threefry_round(a: ptr<function, vec2<u32>>, b: ptr<function, vec2<u32>>, bits: vec2<u32>) {
  *a += *b;
  *b = (((*b << bits) | (*b >> (vec2<u32>(32u) - bits))) ^ *a).yx;
}

// random_words returns four random words of a row and a place.
fn random_words(key: vec4<u32>, row: u32, place: u32) -> vec4<u32> {
  let parity = 0x1bd11bdau ^ key.x ^ key.y ^ key.z ^ key.w;
  var a = vec2<u32>(row, 0u) + key.xz;
  var b = vec2<u32>(place, 0u) + key.yw;
  threefry_round(&a, &b, vec2<u32>(10u, 26u));
  threefry_round(&a, &b, vec2<u32>(11u, 21u));
  threefry_round(&a, &b, vec2<u32>(13u, 27u));
  threefry_round(&a, &b, vec2<u32>(23u, 5u));
  a += vec2<u32>(key.y, key.w);
  b += vec2<u32>(key.z, parity + 1u);
  threefry_round(&a, &b, vec2<u32>(6u, 20u));
  threefry_round(&a, &b, vec2<u32>(17u, 11u));
  threefry_round(&a, &b, vec2<u32>(25u, 10u));
  threefry_round(&a, &b, vec2<u32>(18u, 20u));
  a += vec2<u32>(key.z, parity);
  b += vec2<u32>(key.w, key.x + 2u);
  threefry_round(&a, &b, vec2<u32>(10u, 26u));
  threefry_round(&a, &b, vec2<u32>(11u, 21u));
  threefry_round(&a, &b, vec2<u32>(13u, 27u));
  threefry_round(&a, &b, vec2<u32>(23u, 5u));
  a += vec2<u32>(key.w, key.x);
  b += vec2<u32>(parity, key.y + 3u);
  threefry_round(&a, &b, vec2<u32>(6u, 20u));
  threefry_round(&a, &b, vec2<u32>(17u, 11u));
  threefry_round(&a, &b, vec2<u32>(25u, 10u));
  threefry_round(&a, &b, vec2<u32>(18u, 20u));
  a += vec2<u32>(parity, key.y);
  b += vec2<u32>(key.x, key.z + 4u);
  threefry_round(&a, &b, vec2<u32>(10u, 26u));
  threefry_round(&a, &b, vec2<u32>(11u, 21u));
  threefry_round(&a, &b, vec2<u32>(13u, 27u));
  threefry_round(&a, &b, vec2<u32>(23u, 5u));
  a += key.xz;
  b += vec2<u32>(key.y, key.w + 5u);
  return vec4<u32>(a.x, b.x, a.y, b.y);
}

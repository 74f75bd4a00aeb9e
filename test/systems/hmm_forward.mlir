// The forward algorithm of a hidden Markov model. Catalog C, "Core HMM":
//   w_t = (A^T alpha_{t-1}) b_t,  w_1 = pi b_1,  c_t = sum w_t,  alpha_t = w_t / c_t,
//   log Z_t = sum of log c up to t
// b holds the likelihoods of each step. Steps combine to the product of their matrices
// M = A diag(b), kept from vanishing by a factor whose logarithm is carried along.
!like = tensor<?x?x3xf32> // b l K
!log = tensor<?x?xf32>    // b l
!vec = tensor<3xf32>      // K
!mat = tensor<3x3xf32>    // K K
func.func @forward(%b: !like) -> (!like, !log) {
  %pi, %A = ssm.weights ["pi", "A"] : !vec, !mat
  %alpha, %log_Z, %alpha_last, %log_Z_last, %begun = ssm.recurrence sequence(l) step(i, j)
      ins(%b[b, l, j], %pi[j], %A[i, j] : !like, !vec, !mat)
      outs([b, l, j], [b, l]) states("alpha" [b, j], "log_Z" [b], "begun" [b]) {
  ^step(%b_t: !vec, %pi_j: !vec, %A_ij: !mat, %old: !vec, %log_old: f32, %begun_old: f32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %M = ssm.contract "ij,j->ij" %A_ij, %b_t : (!mat, !vec) -> !mat
    %moved:2 = ssm.combine %old, %log_old with %M, %zero : !vec, f32 with !mat, f32 {
    ^act(%a: !vec, %z: f32, %m: !mat, %scale: f32):
      %w = ssm.contract "i,ij->j" %a, %m : (!vec, !mat) -> !vec
      %c = ssm.contract "j->" %w : (!vec) -> f32
      %spread = tensor.splat %c : !vec
      %next = arith.divf %w, %spread : !vec
      %log_c = math.log %c : f32
      %log_s = arith.addf %scale, %log_c : f32
      %log = arith.addf %z, %log_s : f32
      ssm.yield %next, %log : !vec, f32
    } merge {
    ^merge(%m0: !mat, %s0: f32, %m1: !mat, %s1: f32):
      %m = ssm.contract "ik,kj->ij" %m0, %m1 : (!mat, !mat) -> !mat
      %c = ssm.contract "ij->" %m : (!mat) -> f32
      %spread = tensor.splat %c : !mat
      %next = arith.divf %m, %spread : !mat
      %log_c = math.log %c : f32
      %both = arith.addf %s0, %s1 : f32
      %log = arith.addf %both, %log_c : f32
      ssm.yield %next, %log : !mat, f32
    }
    %w1 = arith.mulf %pi_j, %b_t : !vec
    %c1 = ssm.contract "j->" %w1 : (!vec) -> f32
    %inverse = arith.divf %one, %c1 : f32
    %alpha1 = ssm.contract ",j->j" %inverse, %w1 : (f32, !vec) -> !vec
    %log1 = math.log %c1 : f32
    %fresh = arith.cmpf oeq, %begun_old, %zero : f32
    %next = arith.select %fresh, %alpha1, %moved#0 : !vec
    %log_next = arith.select %fresh, %log1, %moved#1 : f32
    ssm.yield %next, %log_next, %next, %log_next, %one : !vec, f32, !vec, f32, f32
  }
  return %alpha, %log_Z : !like, !log
}

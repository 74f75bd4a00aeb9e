// GateLoop. Catalog C, 1.B "GateLoop", head size one:
//   h_t = a_t h_{t-1} + k_t v_t,   a_t = sigmoid(|z_t|) e^{i arg z_t}
//   y_t = q_t Re(h_t),             z_t = re_t + i im_t
!seq = tensor<?x?x4xf32> // b l D
func.func @forward(%q: !seq, %k: !seq, %v: !seq, %re: !seq, %im: !seq) -> !seq {
  %y, %h_re, %h_im = ssm.recurrence sequence(l) step()
      ins(%q[b, l, d], %k[b, l, d], %v[b, l, d], %re[b, l, d], %im[b, l, d]
          : !seq, !seq, !seq, !seq, !seq)
      outs([b, l, d]) states("real" [b, d], "imaginary" [b, d]) {
  ^step(%q_t: f32, %k_t: f32, %v_t: f32, %re_t: f32, %im_t: f32,
        %s_re: f32, %s_im: f32):
    %re_square = arith.mulf %re_t, %re_t : f32
    %square = math.fma %im_t, %im_t, %re_square : f32
    %size = math.sqrt %square : f32
    %gate = ssm.sigmoid %size : f32
    %factor = arith.divf %gate, %size : f32
    %a_re = arith.mulf %factor, %re_t : f32
    %a_im = arith.mulf %factor, %im_t : f32
    %kept_re, %kept_im = ssm.complex_mul %a_re, %a_im, %s_re, %s_im : f32
    %next_re = math.fma %k_t, %v_t, %kept_re : f32
    %y_t = arith.mulf %q_t, %next_re : f32
    ssm.yield %y_t, %next_re, %kept_im : f32, f32, f32
  }
  return %y : !seq
}

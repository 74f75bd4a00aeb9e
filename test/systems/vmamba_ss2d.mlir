// VMamba's SS2D: four selective scans of an image, along rows and columns in both
// directions, and their sum in the image's order (catalog B, 1.7; Liu et al. 2024).
// Step sizes, B and C of the four come in the order of their scans.
!image = tensor<?x15x3xf32>  // b L D
!image4 = tensor<?x15x12xf32>  // b L 4*D
!mix = tensor<?x15x4xf32>  // b L N
!mix4 = tensor<?x15x16xf32>  // b L 4*N
!matrix = tensor<3x4xf32>  // D N
!vector = tensor<3xf32>  // D
!order = tensor<15xi64>  // L
func.func @forward(%x: !image, %deltas: !image4, %Bs: !mix4, %Cs: !mix4) -> !image {
  %A0, %D0, %bias0 = ssm.weights ["A.0", "D.0", "delta_bias.0"] : !matrix, !vector, !vector
  %A1, %D1, %bias1 = ssm.weights ["A.1", "D.1", "delta_bias.1"] : !matrix, !vector, !vector
  %A2, %D2, %bias2 = ssm.weights ["A.2", "D.2", "delta_bias.2"] : !matrix, !vector, !vector
  %A3, %D3, %bias3 = ssm.weights ["A.3", "D.3", "delta_bias.3"] : !matrix, !vector, !vector
  %delta0, %delta1, %delta2, %delta3 =
      ssm.split %deltas [3, 3, 3, 3] : !image4  // [D, D, D, D]
  %B0, %B1, %B2, %B3 = ssm.split %Bs [4, 4, 4, 4] : !mix4  // [N, N, N, N]
  %C0, %C1, %C2, %C3 = ssm.split %Cs [4, 4, 4, 4] : !mix4  // [N, N, N, N]
  %columns = ssm.traversal raster shape [3, 5]  // [H, W]
      axes [1, 0]
  %x1 = ssm.traverse %x, %columns : !image, !order
  %x2 = ssm.flip %x : !image
  %x3 = ssm.flip %x1 : !image
  %y0, %h0 = ssm.selective_scan %x, %delta0, %A0, %B0, %C0 D(%D0 : !vector)
      dt_bias(%bias0 : !vector) softplus : !image, !matrix, !mix, !mix
  %y1, %h1 = ssm.selective_scan %x1, %delta1, %A1, %B1, %C1 D(%D1 : !vector)
      dt_bias(%bias1 : !vector) softplus : !image, !matrix, !mix, !mix
  %y2, %h2 = ssm.selective_scan %x2, %delta2, %A2, %B2, %C2 D(%D2 : !vector)
      dt_bias(%bias2 : !vector) softplus : !image, !matrix, !mix, !mix
  %y3, %h3 = ssm.selective_scan %x3, %delta3, %A3, %B3, %C3 D(%D3 : !vector)
      dt_bias(%bias3 : !vector) softplus : !image, !matrix, !mix, !mix
  %rows_back = ssm.flip %y2 : !image
  %rows = arith.addf %y0, %rows_back : !image
  %columns_back = ssm.flip %y3 : !image
  %by_column = arith.addf %y1, %columns_back : !image
  %by_row = ssm.traverse %by_column, %columns inverse : !image, !order
  %y = arith.addf %rows, %by_row : !image
  return %y : !image
}

#ifndef SSMC_DIALECTS_SSM_SSMSPELLINGS_TD
#define SSMC_DIALECTS_SSM_SSMSPELLINGS_TD

// Short spellings of weights and arithmetic, which only expand.

include "dialects/Ssm/SsmBase.td"

def Ssm_WeightsOp : Ssm_Op<"weights", [
    Pure, DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "tensors of the model's checkpoint, by names";
  let description = [{
    Expands to one `ssm.weight` per name, in order.

    Constraints:
    - (C1) there are as many results as names.
    - (C2) every result has a fixed shape.

    Example:

    ```mlir
    func.func @project(%x: tensor<?x?x64xf32>) -> tensor<?x?x128xf32> {
      %w, %b = ssm.weights ["in_proj.weight", "in_proj.bias"]
          : tensor<128x64xbf16>, tensor<128xf32>
      %y = ssm.linear %x, %w bias(%b : tensor<128xf32>)
          : tensor<?x?x64xf32>, tensor<128x64xbf16>
      return %y : tensor<?x?x128xf32>
    }
    ```
  }];
  let arguments = (ins StrArrayAttr:$names /*C1*/);
  let results = (outs Variadic<Ssm_Parameter>:$weights /*C2*/);
  let assemblyFormat = [{ $names attr-dict `:` type($weights) }];
  let hasVerifier = 1;
}

#endif // SSMC_DIALECTS_SSM_SSMSPELLINGS_TD

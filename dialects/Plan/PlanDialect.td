#ifndef SSMC_DIALECTS_PLAN_PLANDIALECT_TD
#define SSMC_DIALECTS_PLAN_PLANDIALECT_TD

include "mlir/IR/OpBase.td"

def Plan_Dialect : Dialect {
  let name = "plan";
  let cppNamespace = "::ssmc::plan";
  let summary = "the program an artifact holds";
  let description = [{
    The `plan` dialect is what the runtime executes, before it is bytes: weights
    and states by symbol, entries as flat lists of dispatches over a grid, and
    every buffer's place in one arena. It is target-neutral and maps one to one
    onto `runtime/schema/artifact.fbs`.

    `plan.state` and `plan.dispatch` appear first, while entries are still
    functions on tensors; the plan stage turns those into `plan.entry`.

    Kernels are `func.func` with the unit attribute `plan.kernel`; the schedule
    stage adds `plan.grid` and, per weight or state argument, `plan.layout`.
  }];
  let useDefaultAttributePrinterParser = 1;
}

class Plan_Op<string mnemonic, list<Trait> traits = []>
    : Op<Plan_Dialect, mnemonic, traits>;

#endif // SSMC_DIALECTS_PLAN_PLANDIALECT_TD

"""Work shared out by turns: a core takes the next part when it is done with its last, so none waits for a busy one."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


@intrinsic
def take_turn(typing: Any, counter: Any) -> Any:
    """The number in `counter[0]`, int64, which is one more for whoever asks next."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, given[0])
        return builder.atomic_rmw("add", array.data, ir.Constant(ir.IntType(64), 1), "monotonic")

    return types.int64(counter), code

"""The stubs of the Python client without the client itself: only as an installed package does it know its version."""

import sys
import types
from pathlib import Path

package = types.ModuleType("smsmux")
package.__path__ = [str(Path(__file__).resolve().parents[2] / "clients/python/src/smsmux")]
sys.modules["smsmux"] = package

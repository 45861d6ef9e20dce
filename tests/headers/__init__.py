"""What every answer tells a browser, held to the published rules of MDN's HTTP Observatory."""

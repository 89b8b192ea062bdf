-- Numbers of VMs are given by table id_run from here on. A release that still leaves them to AUTO_INCREMENT keeps apart by counting far above.
ALTER TABLE vm AUTO_INCREMENT = 1099511627776;
